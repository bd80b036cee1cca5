package io.barnabas.broker.coordinator;

import io.barnabas.protocol.wire.Message;

/** The answer to one request that waited. To be given once the records decided so far are committed. */
public record Reply(Pending to, Message response) {}
