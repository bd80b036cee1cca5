package io.barnabas.broker.handler.data;

import io.barnabas.broker.partition.Partition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FetchResponse.PartitionData;
import io.barnabas.protocol.wire.Chunk;

/**
 * What one read of one partition gave.
 *
 * @param partition null if this broker does not have it
 * @param seenEndOffset where the read found the end of what it may see; -1 if it failed
 */
record FetchedPartition(FetchTarget target, Partition partition, PartitionData data, long seenEndOffset) {
    int sizeBytes() {
        return data.records() == null ? 0 : data.records().sizeBytes();
    }

    long highWatermark() {
        return data.highWatermark();
    }

    long logStartOffset() {
        return data.logStartOffset();
    }

    boolean failed() {
        return data.errorCode() != ErrorCode.NONE.code();
    }

    boolean diverges() {
        return data.divergingEpoch().epoch() >= 0;
    }

    /** Gives back the files that a read which is not sent holds. */
    void drop() {
        if (sizeBytes() > 0) {
            for (Chunk chunk : data.records().chunks()) {
                if (chunk instanceof Chunk.FileRange range) {
                    range.source().release();
                }
            }
        }
    }
}
