package io.barnabas.storage.log;

import java.nio.ByteBuffer;
import java.util.Random;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Batches as Kafka's own producer library writes them. */
public final class Batches {
    private Batches() {}

    public static ByteBuffer of(SimpleRecord... records) {
        return of(Compression.NONE, records);
    }

    public static ByteBuffer of(Compression compression, SimpleRecord... records) {
        return copy(MemoryRecords.withRecords(compression, records));
    }

    public static ByteBuffer idempotent(long producerId, short epoch, int sequence, SimpleRecord... records) {
        return copy(MemoryRecords.withIdempotentRecords(Compression.NONE, producerId, epoch, sequence, records));
    }

    public static ByteBuffer transactional(long producerId, short epoch, int sequence, SimpleRecord... records) {
        return copy(MemoryRecords.withTransactionalRecords(Compression.NONE, producerId, epoch, sequence, records));
    }

    public static ByteBuffer marker(long producerId, short epoch, boolean commit, long timestampMs) {
        var type = commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
        return copy(MemoryRecords.withEndTransactionMarker(
                timestampMs, producerId, epoch, new EndTransactionMarker(type, 0)));
    }

    private static ByteBuffer copy(MemoryRecords records) {
        var copy = ByteBuffer.allocate(records.sizeInBytes());
        copy.put(records.buffer().duplicate()).flip();
        return copy;
    }

    public static SimpleRecord record(long timestampMs, String key, String value) {
        return new SimpleRecord(timestampMs, key == null ? null : key.getBytes(), value.getBytes());
    }

    public static ByteBuffer random(Random random, int records, int valueBytes, long timestampMs) {
        return of(randomRecords(random, records, valueBytes, timestampMs));
    }

    public static SimpleRecord[] randomRecords(Random random, int records, int valueBytes, long timestampMs) {
        var all = new SimpleRecord[records];
        for (int i = 0; i < records; i++) {
            var value = new byte[valueBytes];
            random.nextBytes(value);
            all[i] = new SimpleRecord(timestampMs + i, null, value);
        }
        return all;
    }
}
