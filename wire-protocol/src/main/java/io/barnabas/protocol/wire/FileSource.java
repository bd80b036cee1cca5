package io.barnabas.protocol.wire;

import java.io.IOException;
import java.nio.channels.FileChannel;

/**
 * An open file that bytes of a response come from. The file stays open until {@link #release()}, which is called once per
 * {@link Chunk.FileRange}, after it was sent or dropped, on any thread.
 */
public interface FileSource {
    FileChannel channel() throws IOException;

    void release();
}
