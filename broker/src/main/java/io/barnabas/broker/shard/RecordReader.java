package io.barnabas.broker.shard;

import java.nio.ByteBuffer;

import io.barnabas.broker.coordinator.CoordinatorRecord;

/** Understands the records of a coordinator's internal topic. */
@FunctionalInterface
public interface RecordReader {
    /**
     * @param value null for a tombstone
     * @return null if the record is of no known type, and may be skipped
     * @throws io.barnabas.protocol.wire.MalformedMessageException if the bytes are not what their type says
     */
    CoordinatorRecord read(ByteBuffer key, ByteBuffer value);
}
