package io.barnabas.broker.network;

import java.io.IOException;

import io.barnabas.protocol.wire.Chunk;
import io.barnabas.protocol.wire.FileSource;
import io.netty.channel.DefaultFileRegion;

/** A file range on its way to a socket. A {@link DefaultFileRegion}, because Netty's epoll sends only those by sendfile. */
final class LeasedRegion extends DefaultFileRegion {
    private final FileSource source;

    LeasedRegion(Chunk.FileRange range) throws IOException {
        super(range.source().channel(), range.position(), range.sizeBytes());
        this.source = range.source();
    }

    /** The file is not ours to close: only the lease ends. */
    @Override
    protected void deallocate() {
        source.release();
    }
}
