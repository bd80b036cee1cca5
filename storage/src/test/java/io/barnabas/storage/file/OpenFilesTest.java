package io.barnabas.storage.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class OpenFilesTest {
    @TempDir
    Path directory;

    @Test
    void keepsNoMoreOpenThanItsLimit() throws IOException {
        var files = new OpenFiles(new RealDisk(), 5);
        var all = new ArrayList<LeasedFile>();
        for (int i = 0; i < 50; i++) {
            all.add(files.file(directory.resolve("f" + i)));
        }
        for (int round = 0; round < 3; round++) {
            for (var file : all) {
                file.acquireOrCreate();
                file.release();
                assertTrue(files.openCount() <= 6, "open: " + files.openCount());
            }
        }
        all.forEach(LeasedFile::discard);
        assertEquals(0, files.openCount());
    }

    @Test
    void aLeaseOutlivesEvictionRenameAndDelete() throws IOException {
        var files = new OpenFiles(new RealDisk(), 1);
        var file = files.file(directory.resolve("f"));
        file.acquireOrCreate().write(ByteBuffer.wrap(new byte[] {42}));
        for (int i = 0; i < 5; i++) {
            files.file(directory.resolve("other" + i)).acquireOrCreate();
        }
        file.rename(directory.resolve("g"));
        file.discard();
        new RealDisk().delete(directory.resolve("g"));
        var read = ByteBuffer.allocate(1);
        file.channel().read(read, 0);
        assertEquals(42, read.get(0));
        file.release();
        assertThrows(NoSuchFileException.class, file::acquire);
    }

    @Test
    void leasesFromManyThreadsNeverSeeAClosedChannel() throws Exception {
        var files = new OpenFiles(new RealDisk(), 2);
        var all = new ArrayList<LeasedFile>();
        for (int i = 0; i < 6; i++) {
            var file = files.file(directory.resolve("f" + i));
            file.acquireOrCreate().write(ByteBuffer.wrap(new byte[] {(byte) i}));
            file.release();
            all.add(file);
        }
        var failure = new AtomicReference<Throwable>();
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 4; t++) {
            int seed = t;
            var thread = new Thread(() -> {
                var read = ByteBuffer.allocate(1);
                try {
                    for (int i = 0; i < 5_000; i++) {
                        int n = (i * 7 + seed * 3) % all.size();
                        all.get(n).acquire().read(read.clear(), 0);
                        all.get(n).release();
                        assertEquals(n, read.get(0));
                    }
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (var thread : threads) {
            thread.join();
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
        all.forEach(LeasedFile::discard);
        assertEquals(0, files.openCount());
    }
}
