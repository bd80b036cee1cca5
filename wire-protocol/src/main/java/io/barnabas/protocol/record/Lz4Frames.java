package io.barnabas.protocol.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * Reads one LZ4 frame as Kafka does: independent blocks only, header checksum and block checksums verified, a content
 * checksum stepped over, nothing read behind the end mark. Allocates for a block what its compressed size can become at
 * most, not what the frame announces.
 */
final class Lz4Frames extends BlockInputStream {
    private static final int MAGIC = 0x184D2204;
    private static final int UNCOMPRESSED = 0x80000000;
    private static final int MAX_RATIO = 256;
    private static final LZ4SafeDecompressor DECOMPRESSOR =
            LZ4Factory.fastestInstance().safeDecompressor();
    private static final XXHash32 HASH = XXHashFactory.fastestInstance().hash32();

    private final ByteBuffer in;
    private final int maxBlockSizeBytes;
    private final boolean blockChecksums;
    private final boolean contentChecksum;
    private ByteBuffer out = ByteBuffer.allocate(0);

    Lz4Frames(ByteBuffer compressed) throws IOException {
        in = compressed.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (in.remaining() < 6) {
            throw truncated("LZ4");
        }
        if (in.getInt() != MAGIC) {
            throw new IOException("The data does not start with an LZ4 frame");
        }
        int flags = in.get();
        int descriptor = in.get();
        if ((flags >> 6 & 3) != 1) {
            throw new IOException("The LZ4 frame has version " + (flags >> 6 & 3) + ", only 1 is known");
        }
        if ((flags & 3) != 0 || (descriptor & 0x8f) != 0) {
            throw new IOException("The LZ4 frame header sets reserved bits");
        }
        if ((flags >> 5 & 1) != 1) {
            throw new IOException("The LZ4 frame has dependent blocks, which Kafka does not allow");
        }
        int sizeCode = descriptor >> 4 & 7;
        if (sizeCode < 4) {
            throw new IOException("The LZ4 frame has block size code " + sizeCode + ", allowed are 4 to 7");
        }
        maxBlockSizeBytes = 1 << (2 * sizeCode + 8);
        blockChecksums = (flags >> 4 & 1) == 1;
        contentChecksum = (flags >> 2 & 1) == 1;
        if ((flags >> 3 & 1) == 1) {
            need(Long.BYTES);
            in.position(in.position() + Long.BYTES);
        }
        int hash = HASH.hash(in, 4, in.position() - 4, 0);
        need(1);
        if (in.get() != (byte) (hash >> 8)) {
            throw new IOException("The LZ4 frame header does not match its checksum");
        }
    }

    private void need(int sizeBytes) throws IOException {
        if (in.remaining() < sizeBytes) {
            throw truncated("LZ4");
        }
    }

    @Override
    ByteBuffer nextBlock() throws IOException {
        need(Integer.BYTES);
        int stated = in.getInt();
        int sizeBytes = stated & ~UNCOMPRESSED;
        if (sizeBytes == 0) {
            if (contentChecksum) {
                need(Integer.BYTES);
                in.getInt();
            }
            return null;
        }
        if (sizeBytes > maxBlockSizeBytes) {
            throw new IOException(
                    "An LZ4 block of " + sizeBytes + " bytes exceeds the frame's limit of " + maxBlockSizeBytes);
        }
        need(sizeBytes);
        int start = in.position();
        in.position(start + sizeBytes);
        if (blockChecksums) {
            need(Integer.BYTES);
            if (HASH.hash(in, start, sizeBytes, 0) != in.getInt()) {
                throw new IOException("An LZ4 block does not match its checksum");
            }
        }
        if ((stated & UNCOMPRESSED) != 0) {
            return in.slice(start, sizeBytes);
        }
        int most = (int) Math.min(maxBlockSizeBytes, (long) sizeBytes * MAX_RATIO);
        if (out.capacity() < most) {
            out = ByteBuffer.allocate(most);
        }
        try {
            int decompressed = DECOMPRESSOR.decompress(in, start, sizeBytes, out, 0, most);
            return out.position(0).limit(decompressed);
        } catch (LZ4Exception e) {
            throw new IOException("An LZ4 block is damaged", e);
        }
    }
}
