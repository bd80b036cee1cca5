package io.barnabas.broker.coordinator.group;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** The hash XXH3 in 64 bits, without a seed: what Kafka stamps a consumer group's view of its topics with. Stateless. */
final class Xxh3 {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final byte[] SECRET = HexFormat.of()
            .parseHex("b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
                    + "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
                    + "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
                    + "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
                    + "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
                    + "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e");
    private static final int PRIME32_1 = 0x9E3779B1;
    private static final int PRIME32_2 = 0x85EBCA77;
    private static final int PRIME32_3 = 0xC2B2AE3D;
    private static final long PRIME64_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME64_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME64_3 = 0x165667B19E3779F9L;
    private static final long PRIME64_4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME64_5 = 0x27D4EB2F165667C5L;
    private static final long PRIME_MX1 = 0x165667919E3779F9L;
    private static final long PRIME_MX2 = 0x9FB21C651E98DF25L;
    private static final int STRIPE_BYTES = 64;
    private static final int SECRET_STEP_BYTES = 8;
    private static final int STRIPES_IN_BLOCK = 16;
    private static final int BLOCK_BYTES = STRIPE_BYTES * STRIPES_IN_BLOCK;
    private static final int LAST_STRIPE_SECRET = 121;
    private static final int MERGE_SECRET = 11;

    private Xxh3() {}

    static long hash(byte[] input) {
        int length = input.length;
        if (length <= 16) {
            return length > 8 ? hash9to16(input) : length >= 4 ? hash4to8(input) : hashUpTo3(input);
        }
        return length <= 128 ? hash17to128(input) : length <= 240 ? hash129to240(input) : hashLong(input);
    }

    private static long hashUpTo3(byte[] input) {
        int length = input.length;
        if (length == 0) {
            return avalanche64(secret(56) ^ secret(64));
        }
        int combined =
                (input[0] & 0xFF) << 16 | (input[length >> 1] & 0xFF) << 24 | input[length - 1] & 0xFF | length << 8;
        return avalanche64((combined & 0xFFFFFFFFL) ^ ((secretInt(0) ^ secretInt(4)) & 0xFFFFFFFFL));
    }

    private static long hash4to8(byte[] input) {
        int length = input.length;
        long joined = (readInt(input, length - 4) & 0xFFFFFFFFL) + ((long) readInt(input, 0) << 32);
        long mixed = joined ^ secret(8) ^ secret(16);
        mixed ^= Long.rotateLeft(mixed, 49) ^ Long.rotateLeft(mixed, 24);
        mixed *= PRIME_MX2;
        mixed ^= (mixed >>> 35) + length;
        mixed *= PRIME_MX2;
        return mixed ^ mixed >>> 28;
    }

    private static long hash9to16(byte[] input) {
        int length = input.length;
        long low = read(input, 0) ^ secret(24) ^ secret(32);
        long high = read(input, length - 8) ^ secret(40) ^ secret(48);
        return avalanche(length + Long.reverseBytes(low) + high + foldedProduct(low, high));
    }

    private static long hash17to128(byte[] input) {
        int length = input.length;
        long sum = length * PRIME64_1;
        for (int i = (length - 1) / 32; i >= 0; i--) {
            sum += mix16(input, 16 * i, 32 * i);
            sum += mix16(input, length - 16 * (i + 1), 32 * i + 16);
        }
        return avalanche(sum);
    }

    private static long hash129to240(byte[] input) {
        int length = input.length;
        long sum = length * PRIME64_1;
        for (int i = 0; i < 8; i++) {
            sum += mix16(input, 16 * i, 16 * i);
        }
        sum = avalanche(sum);
        for (int i = 8; i < length / 16; i++) {
            sum += mix16(input, 16 * i, 16 * (i - 8) + 3);
        }
        return avalanche(sum + mix16(input, length - 16, 136 - 17));
    }

    private static long mix16(byte[] input, int at, int secretAt) {
        return foldedProduct(read(input, at) ^ secret(secretAt), read(input, at + 8) ^ secret(secretAt + 8));
    }

    private static long hashLong(byte[] input) {
        long[] lanes = {
            PRIME32_3 & 0xFFFFFFFFL,
            PRIME64_1,
            PRIME64_2,
            PRIME64_3,
            PRIME64_4,
            PRIME32_2 & 0xFFFFFFFFL,
            PRIME64_5,
            PRIME32_1 & 0xFFFFFFFFL
        };
        int blocks = (input.length - 1) / BLOCK_BYTES;
        for (int block = 0; block < blocks; block++) {
            for (int stripe = 0; stripe < STRIPES_IN_BLOCK; stripe++) {
                accumulate(lanes, input, block * BLOCK_BYTES + stripe * STRIPE_BYTES, stripe * SECRET_STEP_BYTES);
            }
            scramble(lanes);
        }
        int stripes = (input.length - 1 - blocks * BLOCK_BYTES) / STRIPE_BYTES;
        for (int stripe = 0; stripe < stripes; stripe++) {
            accumulate(lanes, input, blocks * BLOCK_BYTES + stripe * STRIPE_BYTES, stripe * SECRET_STEP_BYTES);
        }
        accumulate(lanes, input, input.length - STRIPE_BYTES, LAST_STRIPE_SECRET);
        long sum = input.length * PRIME64_1;
        for (int i = 0; i < 4; i++) {
            sum += foldedProduct(
                    lanes[2 * i] ^ secret(MERGE_SECRET + 16 * i), lanes[2 * i + 1] ^ secret(MERGE_SECRET + 16 * i + 8));
        }
        return avalanche(sum);
    }

    private static void accumulate(long[] lanes, byte[] input, int at, int secretAt) {
        for (int i = 0; i < lanes.length; i++) {
            long value = read(input, at + 8 * i);
            long keyed = value ^ secret(secretAt + 8 * i);
            lanes[i ^ 1] += value;
            lanes[i] += (keyed & 0xFFFFFFFFL) * (keyed >>> 32);
        }
    }

    private static void scramble(long[] lanes) {
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = (lanes[i] ^ lanes[i] >>> 47 ^ secret(128 + 8 * i)) * (PRIME32_1 & 0xFFFFFFFFL);
        }
    }

    private static long foldedProduct(long a, long b) {
        long high = Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
        return a * b ^ high;
    }

    private static long avalanche(long hash) {
        long mixed = (hash ^ hash >>> 37) * PRIME_MX1;
        return mixed ^ mixed >>> 32;
    }

    private static long avalanche64(long hash) {
        long mixed = (hash ^ hash >>> 33) * PRIME64_2;
        mixed = (mixed ^ mixed >>> 29) * PRIME64_3;
        return mixed ^ mixed >>> 32;
    }

    private static long secret(int at) {
        return read(SECRET, at);
    }

    private static int secretInt(int at) {
        return readInt(SECRET, at);
    }

    private static long read(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    private static int readInt(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }
}
