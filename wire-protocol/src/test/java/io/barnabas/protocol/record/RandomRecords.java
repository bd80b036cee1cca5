package io.barnabas.protocol.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Records of a seed: nulls, empties, headers, compressible and random payloads. */
final class RandomRecords {
    private RandomRecords() {}

    static List<Record> of(Random random, int count, long firstOffset) {
        var records = new ArrayList<Record>(count);
        long time = 1_700_000_000_000L;
        for (int i = 0; i < count; i++) {
            time += random.nextInt(2_000) - 1_000;
            var headers = new ArrayList<Header>();
            for (int h = random.nextInt(8) - 5; h > 0; h--) {
                headers.add(Header.of("name-" + random.nextInt(100) + "ä", bytes(random, 50)));
            }
            records.add(new Record(
                    firstOffset + i, time, buffer(bytes(random, 40)), buffer(bytes(random, 5_000)), headers));
        }
        return records;
    }

    static byte[] bytes(Random random, int limit) {
        if (random.nextInt(8) == 0) {
            return null;
        }
        var bytes = new byte[random.nextInt(limit)];
        if (random.nextBoolean()) {
            random.nextBytes(bytes);
        }
        return bytes;
    }

    static ByteBuffer buffer(byte[] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    static ByteBuffer batch(Compression codec, int level, List<Record> records) {
        var builder = new RecordBatchBuilder()
                .compression(codec, level)
                .baseOffset(records.get(0).offset())
                .partitionLeaderEpoch(5)
                .producer(77, (short) 3, 12);
        records.forEach(builder::append);
        return builder.build();
    }

    static List<Record> read(RecordBatch batch) {
        var records = new ArrayList<Record>();
        batch.records().forEach(records::add);
        return records;
    }

    static ByteBuffer direct(ByteBuffer heap) {
        var copy = ByteBuffer.allocateDirect(heap.remaining() + 7);
        return copy.position(7).put(heap.duplicate()).flip().position(7);
    }
}
