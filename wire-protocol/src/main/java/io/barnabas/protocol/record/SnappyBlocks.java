package io.barnabas.protocol.record;

import java.io.IOException;
import java.nio.ByteBuffer;

import org.xerial.snappy.Snappy;

/**
 * Reads snappy data: the block framing of the xerial library, which Kafka's producers write, or one bare block, which
 * some other clients send. A block is only believed to be as large as snappy can make it.
 */
final class SnappyBlocks extends BlockInputStream {
    private static final long MAGIC = 0x82534E4150505900L;
    private static final int HEADER_BYTES = 16;
    private static final int MAGIC_HEAD = (int) (MAGIC >>> 32);
    private static final int OLDEST_COMPATIBLE = 1;
    /** A copy of 64 bytes takes 3. */
    private static final int MAX_RATIO = 22;

    private final ByteBuffer in;
    private final boolean framed;
    private byte[] compressed = new byte[0];
    private byte[] decompressed = new byte[0];

    SnappyBlocks(ByteBuffer data) throws IOException {
        in = data.slice();
        framed = in.remaining() >= HEADER_BYTES && in.getLong(0) == MAGIC;
        if (framed) {
            skipHeader();
        }
    }

    private void skipHeader() throws IOException {
        int version = in.getInt(in.position() + Long.BYTES);
        if (version < OLDEST_COMPATIBLE) {
            throw new IOException("The snappy framing has version " + version + ", which is not known");
        }
        in.position(in.position() + HEADER_BYTES);
    }

    @Override
    ByteBuffer nextBlock() throws IOException {
        if (!in.hasRemaining()) {
            return null;
        }
        int sizeBytes = in.remaining();
        if (framed) {
            if (in.remaining() < Integer.BYTES) {
                throw truncated("snappy");
            }
            sizeBytes = in.getInt();
            if (sizeBytes == MAGIC_HEAD) {
                in.position(in.position() - Integer.BYTES);
                if (in.remaining() < HEADER_BYTES || in.getLong(in.position()) != MAGIC) {
                    throw truncated("snappy");
                }
                skipHeader();
                return ByteBuffer.allocate(0);
            }
            if (sizeBytes < 0 || sizeBytes > in.remaining()) {
                throw truncated("snappy");
            }
            if (sizeBytes == 0) {
                return ByteBuffer.allocate(0);
            }
        }
        return decompress(sizeBytes);
    }

    private ByteBuffer decompress(int sizeBytes) throws IOException {
        byte[] source;
        int offset;
        if (in.hasArray()) {
            source = in.array();
            offset = in.arrayOffset() + in.position();
            in.position(in.position() + sizeBytes);
        } else {
            if (compressed.length < sizeBytes) {
                compressed = new byte[sizeBytes];
            }
            in.get(compressed, 0, sizeBytes);
            source = compressed;
            offset = 0;
        }
        int length = Snappy.uncompressedLength(source, offset, sizeBytes);
        if (length < 0 || length > (long) sizeBytes * MAX_RATIO + MAX_RATIO) {
            throw new IOException("A snappy block of " + sizeBytes + " bytes cannot hold " + length + " bytes");
        }
        if (decompressed.length < length) {
            decompressed = new byte[length];
        }
        int written = Snappy.uncompress(source, offset, sizeBytes, decompressed, 0);
        return ByteBuffer.wrap(decompressed, 0, written);
    }
}
