package io.barnabas.storage.log;

import java.nio.ByteBuffer;

import io.barnabas.protocol.record.Compression;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.RecordBatchBuilder;
import io.barnabas.protocol.record.TimestampType;

/**
 * Builds a batch anew where it cannot be stored as it came: another codec than the topic's {@code compression.type}, or a
 * compressed batch of an old client whose records do not count from 0. Stateless.
 */
final class Recompression {
    private Recompression() {}

    /** The codec a batch is stored with. Control batches stay as they are. */
    static Compression target(RecordBatch batch, LogConfig config) {
        return batch.isControl() ? batch.compression() : config.compression().orElse(batch.compression());
    }

    /** The records of a batch in a new one at an offset; the offered batch stays untouched. */
    static ByteBuffer rebuild(
            RecordBatch batch, Compression target, long baseOffset, int leaderEpoch, LogConfig config, long nowMs) {
        var builder = new RecordBatchBuilder()
                .compression(target, level(target, config))
                .baseOffset(baseOffset)
                .partitionLeaderEpoch(leaderEpoch)
                .producer(batch.producerId(), batch.producerEpoch(), batch.baseSequence());
        if (batch.isTransactional()) {
            builder.transactional();
        }
        if (config.timestampType() == TimestampType.LOG_APPEND_TIME) {
            builder.appendTime(nowMs);
        }
        try (var cursor = batch.cursor()) {
            while (cursor.advance()) {
                var record = cursor.record();
                builder.append(record.timestamp(), record.key(), record.value(), record.headers());
            }
        }
        return builder.build();
    }

    /** A producer's own codec has no level in the topic's configuration. */
    private static int level(Compression target, LogConfig config) {
        return config.compression().isPresent() ? config.compressionLevel() : target.defaultLevel();
    }
}
