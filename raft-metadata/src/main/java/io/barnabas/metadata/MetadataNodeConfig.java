package io.barnabas.metadata;

import java.util.function.Consumer;

import io.barnabas.metadata.controller.ControllerConfig;

/**
 * What a node's part of the metadata is made of, apart from its quorum.
 *
 * @param onFatal called once, on any thread, when the node can no longer follow the metadata and has to stop
 */
public record MetadataNodeConfig(ControllerConfig controller, Consumer<Throwable> onFatal) {}
