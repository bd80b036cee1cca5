package io.barnabas.broker.coordinator.group;

import java.util.List;
import java.util.function.IntFunction;

import io.barnabas.protocol.Uuid;

/**
 * What assignments depend on.
 *
 * @param racks by partition: the racks of its replicas, those that have one
 */
public record TopicFacts(Uuid id, String name, int partitionCount, IntFunction<List<String>> racks) {}
