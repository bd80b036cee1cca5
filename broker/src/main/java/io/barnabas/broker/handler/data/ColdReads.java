package io.barnabas.broker.handler.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Executor;

import io.barnabas.protocol.wire.Chunk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads that may wait for a disk, away from the I/O threads: what is found is brought into the page cache by sending it to
 * /dev/null, which copies nothing, so that sending it to the client does not wait. A partition whose records were there already is trusted
 * for some reads. Any thread.
 */
final class ColdReads {
    private static final Logger LOG = LoggerFactory.getLogger(ColdReads.class);
    private static final Path NOWHERE = Path.of("/dev/null");
    /** What is in the page cache takes 25 to 60 µs for a mebibyte, from a fast disk some hundreds. */
    private static final long CACHED_NS = 100_000;

    private static final long CACHED_NS_PER_KIB = 100;

    private final Executor readers;
    private final FileChannel nowhere;

    ColdReads(Executor readers) {
        this.readers = readers;
        this.nowhere = open();
    }

    private static FileChannel open() {
        try {
            return FileChannel.open(NOWHERE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            LOG.debug("Cold reads are sent as they are: {}", e.toString());
            return null;
        }
    }

    Executor threads() {
        return readers;
    }

    /** May wait for the disk. */
    void warm(List<FetchedPartition> fetched) {
        for (var one : fetched) {
            if (nowhere == null || one.sizeBytes() == 0) {
                continue;
            }
            long startedNs = System.nanoTime();
            for (Chunk chunk : one.data().records().chunks()) {
                if (chunk instanceof Chunk.FileRange range) {
                    warm(range);
                }
            }
            long mostNs = CACHED_NS + CACHED_NS_PER_KIB * (one.sizeBytes() >> 10);
            one.partition().pageCacheHad(System.nanoTime() - startedNs <= mostNs);
        }
    }

    private void warm(Chunk.FileRange range) {
        try {
            long sent = 0;
            while (sent < range.sizeBytes()) {
                long step =
                        range.source().channel().transferTo(range.position() + sent, range.sizeBytes() - sent, nowhere);
                if (step <= 0) {
                    return;
                }
                sent += step;
            }
        } catch (IOException e) {
            // Whoever sends it to the client meets the same failure and tells of it.
            LOG.debug("Not read ahead", e);
        }
    }
}
