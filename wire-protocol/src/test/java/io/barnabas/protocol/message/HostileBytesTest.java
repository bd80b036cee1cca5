package io.barnabas.protocol.message;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;

import com.sun.management.ThreadMXBean;
import io.barnabas.protocol.wire.MalformedMessageException;
import io.barnabas.protocol.wire.WireReader;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** No bytes make decoding throw anything but the one typed exception, or allocate more than a small multiple of them. */
class HostileBytesTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int INPUTS = Integer.getInteger("messages", 60);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** A field of one byte may become an object of several references: the worst struct of the schemas needs about 100. */
    private static final long ALLOCATED_PER_BYTE = 160;

    private static final long ALLOCATED_ALWAYS = 16 * 1024;

    @TestFactory
    Stream<DynamicTest> onlyTheTypedExceptionAndLittleMemory() throws Exception {
        return Codecs.all().stream()
                .map(codec -> DynamicTest.dynamicTest(codec + " seed " + SEED, () -> {
                    var kafka = KafkaMessage.of(codec.toString());
                    for (short version = codec.lowest(); version <= codec.highest(); version++) {
                        for (int i = 0; i < INPUTS; i++) {
                            var random = new SplittableRandom(SEED + i);
                            var valid = new RandomBytes(random).of(kafka.schema(version));
                            decode(codec, version, damaged(valid, random), SEED + i);
                        }
                    }
                }));
    }

    private static void decode(Codecs.Codec codec, short version, byte[] bytes, long seed) throws Exception {
        // Half of the inputs in memory as Netty has it.
        var buffer = (seed & 1) == 0
                ? ByteBuffer.wrap(bytes)
                : ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        long limit = ALLOCATED_ALWAYS + ALLOCATED_PER_BYTE * bytes.length;
        long allocated = allocatedBy(codec, version, buffer);
        if (allocated > limit) {
            // The first time, the JVM links call sites and loads classes on the same thread.
            allocated = allocatedBy(codec, version, buffer);
        }
        assertTrue(
                allocated <= limit,
                codec + " version " + version + " seed " + seed + " allocated " + allocated + " for " + bytes.length);
    }

    private static long allocatedBy(Codecs.Codec codec, short version, ByteBuffer buffer) throws Exception {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            codec.read(new WireReader(buffer), version);
        } catch (MalformedMessageException e) {
            assertTrue(e.getMessage().length() > 10, e.getMessage());
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    private static byte[] damaged(byte[] valid, SplittableRandom random) {
        var bytes = random.nextInt(4) == 0 ? Arrays.copyOf(valid, random.nextInt(valid.length + 1)) : valid.clone();
        if (random.nextInt(10) == 0) {
            bytes = new byte[random.nextInt(4_000)];
            if (random.nextBoolean()) {
                random.nextBytes(bytes);
            } else {
                // Ones everywhere: the longest arrays of the smallest elements.
                Arrays.fill(bytes, (byte) (1 + random.nextInt(2)));
            }
        }
        for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(3)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) 0xff;
                default -> {
                    for (int i = at; i < Math.min(at + 4, bytes.length); i++) {
                        bytes[i] = (byte) (i == at ? 0x7f : 0xff);
                    }
                }
            }
        }
        return bytes;
    }
}
