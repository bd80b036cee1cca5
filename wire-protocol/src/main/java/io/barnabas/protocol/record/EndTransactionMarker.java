package io.barnabas.protocol.record;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The control record that ends a transaction in a partition. Value: int16 version, int32 coordinator epoch.
 *
 * @param committed false for aborted
 * @param coordinatorEpoch leader epoch of the transaction coordinator's partition, to fence old coordinators
 */
public record EndTransactionMarker(boolean committed, int coordinatorEpoch) {
    private static final int VALUE_BYTES = 6;

    /**
     * Reads a control record; empty if it is one of another type.
     *
     * @throws CorruptRecordsException if it is damaged
     */
    public static Optional<EndTransactionMarker> of(Record record) {
        var type = ControlRecordType.of(record.key());
        if (type != ControlRecordType.ABORT && type != ControlRecordType.COMMIT) {
            return Optional.empty();
        }
        var value = record.value();
        if (value == null || value.remaining() < VALUE_BYTES) {
            throw new CorruptRecordsException(
                    "The value of a transaction marker has at least " + VALUE_BYTES + " bytes");
        }
        short version = value.getShort(value.position());
        if (version < 0) {
            throw new CorruptRecordsException("A transaction marker has the version " + version);
        }
        return Optional.of(new EndTransactionMarker(
                type == ControlRecordType.COMMIT, value.getInt(value.position() + Short.BYTES)));
    }

    /** The marker of a control batch; empty if it holds something else or nothing. */
    public static Optional<EndTransactionMarker> of(RecordBatch batch) {
        try (var cursor = batch.cursor()) {
            return cursor.advance() ? of(cursor.record()) : Optional.empty();
        }
    }

    /** A control batch of one record, at offset 0. */
    public ByteBuffer toBatch(long producerId, short producerEpoch, long timestampMs) {
        var type = committed ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
        var value = ByteBuffer.allocate(VALUE_BYTES)
                .putShort((short) 0)
                .putInt(coordinatorEpoch)
                .flip();
        return new RecordBatchBuilder()
                .producer(producerId, producerEpoch, RecordBatch.NO_SEQUENCE)
                .transactional()
                .control()
                .append(timestampMs, type.key(), value, List.of())
                .build();
    }
}
