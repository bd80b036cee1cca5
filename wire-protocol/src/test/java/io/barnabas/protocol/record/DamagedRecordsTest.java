package io.barnabas.protocol.record;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Damage causes nothing but the typed exception, and no allocation that the bytes at hand do not justify. */
class DamagedRecordsTest {
    private static final int ROUNDS = Integer.getInteger("rounds", 1_500);
    private static final long SLACK_BYTES = 2 << 20;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @EnumSource(Compression.class)
    void bitFlipsAndCuts(Compression codec) {
        long seed = Long.getLong("seed", 4242L);
        var random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            var records = RandomRecords.of(random, 1 + random.nextInt(8), 0);
            var bytes = RandomRecords.batch(codec, codec.defaultLevel(), records);
            var damaged = damage(random, bytes);
            if (random.nextInt(4) == 0) {
                damaged = RandomRecords.direct(damaged);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            read(damaged, random.nextBoolean(), "seed " + seed + " round " + round);
            long used = threads.getCurrentThreadAllocatedBytes() - before;
            long allowed = SLACK_BYTES + 600L * damaged.remaining();
            assertTrue(
                    used < allowed,
                    "seed " + seed + " round " + round + ": allocated " + used + " bytes for " + damaged.remaining());
        }
    }

    private static ByteBuffer damage(Random random, ByteBuffer bytes) {
        if (random.nextInt(4) == 0) {
            bytes.limit(random.nextInt(bytes.limit()));
            if (bytes.limit() > RecordBatch.HEADER_SIZE_BYTES && random.nextBoolean()) {
                bytes.putInt(RecordBatch.LENGTH_AT, bytes.limit() - RecordBatch.LOG_OVERHEAD_BYTES);
            }
            return bytes;
        }
        int from = random.nextInt(3) == 0 ? 0 : RecordBatch.HEADER_SIZE_BYTES;
        for (int flips = 1 + random.nextInt(6); flips > 0; flips--) {
            int at = from + random.nextInt(Math.min(bytes.limit() - from, random.nextBoolean() ? 40 : 1 << 20));
            bytes.put(
                    at,
                    random.nextInt(3) == 0 ? (byte) random.nextInt() : (byte) (bytes.get(at) ^ 1 << random.nextInt(8)));
        }
        return bytes;
    }

    private static void read(ByteBuffer bytes, boolean keepPayloads, String context) {
        try {
            for (var batch : new RecordBatches(bytes)) {
                batch.crcIsValid();
                try (var cursor = keepPayloads ? batch.cursor() : batch.walk()) {
                    while (cursor.advance()) {
                        if (keepPayloads) {
                            List.of(cursor.record()).hashCode();
                        }
                    }
                }
            }
        } catch (CorruptRecordsException expected) {
            assertTrue(expected.getMessage().length() > 10, context);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(context, e);
        }
    }
}
