package io.barnabas.broker.testing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Record batches as Kafka's own code builds them. */
public final class Batches {
    private Batches() {}

    /** One batch of values without keys, of the current time. */
    public static ByteBuffer of(String... values) {
        var records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(System.currentTimeMillis(), null, values[i].getBytes(StandardCharsets.UTF_8));
        }
        return copy(MemoryRecords.withRecords(Compression.NONE, records));
    }

    /** One batch of an idempotent producer. */
    public static ByteBuffer idempotent(long producerId, int epoch, int sequence, String... values) {
        var records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(System.currentTimeMillis(), null, values[i].getBytes(StandardCharsets.UTF_8));
        }
        return copy(
                MemoryRecords.withIdempotentRecords(Compression.NONE, producerId, (short) epoch, sequence, records));
    }

    private static ByteBuffer copy(MemoryRecords records) {
        var buffer = records.buffer();
        var copy = ByteBuffer.allocate(buffer.remaining());
        return copy.put(buffer.duplicate()).flip();
    }
}
