package io.barnabas.compat.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Pages that a virtual machine's host has behind them. A host takes back what its guest has freed (free page reporting), and whoever
 * touches such memory next pays for it: on the machines this was written on 0.5 or 3 CPU seconds per GiB, which is more than a broker
 * needs to do its work, and hits one contender or the other by chance. So the bench touches as much as a load fills of the page cache
 * just before each measurement.
 */
final class BackedMemory {
    private static final Path IN_MEMORY = Path.of("/dev/shm");
    private static final int MIB = 1 << 20;
    private static final int TOUCHED_MIB = 1536;

    private BackedMemory() {}

    /** Does nothing where there is no file system in memory with room for it. */
    static void touch() {
        if (IN_MEMORY.toFile().getUsableSpace() < 2L * TOUCHED_MIB * MIB) {
            return;
        }
        try {
            var file = Files.createTempFile(IN_MEMORY, "bench", null);
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
                var zeros = ByteBuffer.allocateDirect(MIB);
                for (int i = 0; i < TOUCHED_MIB; i++) {
                    channel.write(zeros.clear());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
