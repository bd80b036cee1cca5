package io.barnabas.storage.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.file.RealDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

class IndexFilesTest {
    private static final long BASE = 1_000_000_000_000L;

    @TempDir
    Path directory;

    private final OpenFiles files = new OpenFiles(new RealDisk(), 10);

    private OffsetIndex offsets(int entriesOnDisk) {
        return new OffsetIndex(files.file(directory.resolve("a.index")), BASE, entriesOnDisk);
    }

    private TimeIndex times(int entriesOnDisk) {
        return new TimeIndex(files.file(directory.resolve("a.timeindex")), BASE, entriesOnDisk);
    }

    @Test
    void lookupsAgreeBeforeAndAfterTheTailIsWritten() throws IOException {
        var index = offsets(0);
        int entries = 2_000;
        for (int i = 0; i < entries; i++) {
            index.append(BASE + 10L * i + 9, 4096 * i);
            assertEquals(0, index.positionBefore(BASE));
            assertEquals(4096 * i, index.positionBefore(BASE + 10L * i + 9));
            assertEquals(4096 * Math.max(0, i - 1), index.positionBefore(BASE + 10L * i + 8));
        }
        var tailOnly = lookups(index, entries);
        index.writeOut();
        assertEquals(8L * entries, Files.size(directory.resolve("a.index")));
        assertEquals(tailOnly, lookups(index, entries));
        assertEquals(tailOnly, lookups(offsets(entries), entries));
    }

    private static String lookups(OffsetIndex index, int entries) throws IOException {
        var seen = new StringBuilder();
        for (long offset = BASE - 1; offset <= BASE + 10L * entries; offset += 7) {
            seen.append(index.positionBefore(offset)).append(' ');
        }
        for (int position = 0; position <= 4096 * entries; position += 9_999) {
            seen.append(index.offsetAtOrAfterPosition(position)).append(' ');
        }
        return seen.append(index.lastOffset())
                .append(' ')
                .append(index.lastPosition())
                .toString();
    }

    @Test
    void firstEntryOfKafkasSparseIndexIsNotPositionZero() throws IOException {
        var index = offsets(0);
        index.append(BASE + 50, 5_000);
        assertEquals(0, index.positionBefore(BASE + 49));
        assertEquals(5_000, index.positionBefore(BASE + 50));
    }

    @Test
    void truncationCutsTailAndFile() throws IOException {
        var index = offsets(0);
        for (int i = 0; i < 1_500; i++) {
            index.append(BASE + i, 100 * i);
        }
        index.truncateTo(BASE + 1_400);
        assertEquals(1_400, index.entries());
        index.truncateTo(BASE + 300);
        assertEquals(300, index.entries());
        assertEquals(BASE + 299, index.lastOffset());
        index.append(BASE + 301, 77_777);
        index.writeOut();
        assertEquals(301L * 8, Files.size(directory.resolve("a.index")));
        assertEquals(77_777, offsets(301).positionBefore(BASE + 400));
        index.clear();
        assertEquals(0, index.entries());
        assertEquals(BASE, index.lastOffset());
    }

    @Test
    void timeIndexTakesOnlyGrowingTimestamps() throws IOException {
        var index = times(0);
        index.append(100, BASE + 1);
        index.append(100, BASE + 2);
        index.append(99, BASE + 3);
        index.append(200, BASE + 4);
        assertEquals(2, index.entries());
        assertEquals(new TimeIndex.Entry(100, BASE + 1), index.floor(199));
        assertEquals(new TimeIndex.Entry(-1, BASE), index.floor(99));
        assertEquals(new TimeIndex.Entry(200, BASE + 4), index.last());
        index.writeOut();
        var reopened = times(2);
        reopened.append(150, BASE + 9);
        assertEquals(2, reopened.entries());
        reopened.truncateTo(BASE + 4);
        assertEquals(new TimeIndex.Entry(100, BASE + 1), reopened.last());
    }

    @Test
    void anIndexWithoutEntriesHasNoFileUntilItIsSealed() throws IOException {
        var index = offsets(0);
        assertEquals(0, index.positionBefore(BASE + 5));
        assertFalse(Files.exists(directory.resolve("a.index")));
        index.writeOut();
        assertEquals(0, Files.size(directory.resolve("a.index")));
    }
}
