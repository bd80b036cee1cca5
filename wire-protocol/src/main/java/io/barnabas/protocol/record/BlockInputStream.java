package io.barnabas.protocol.record;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A stream that is decompressed block by block into one array. */
abstract class BlockInputStream extends InputStream {
    /** What of the current block is not read yet. */
    private ByteBuffer block = ByteBuffer.allocate(0);

    private boolean ended;

    /** The next block, possibly empty; null at the end. Valid until the next call. */
    abstract ByteBuffer nextBlock() throws IOException;

    private boolean more() throws IOException {
        while (!ended && !block.hasRemaining()) {
            var next = nextBlock();
            if (next == null) {
                ended = true;
            } else {
                block = next;
            }
        }
        return !ended;
    }

    @Override
    public final int read() throws IOException {
        return more() ? block.get() & 0xff : -1;
    }

    @Override
    public final int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!more()) {
            return -1;
        }
        int count = Math.min(length, block.remaining());
        block.get(target, offset, count);
        return count;
    }

    @Override
    public final int available() {
        return block.remaining();
    }

    static IOException truncated(String codec) {
        return new IOException("The " + codec + " data ends in the middle");
    }
}
