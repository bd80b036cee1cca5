package io.barnabas.storage.compaction;

import java.io.IOException;
import java.nio.file.Path;

import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.AppendResult;
import io.barnabas.storage.log.Batches;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.PartitionLog;
import io.barnabas.storage.log.StoredLogs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** When a log is worth compacting, and how far, by its topic's settings. */
class CompactionPlanTest {
    private static final long NOW = 1_000_000;

    @TempDir
    Path directory;

    private LogStore store;

    /** A log with one record a segment, of these times; the last one is in the active segment. */
    private PartitionLog log(LogConfig.Builder settings, long... timesMs) throws IOException {
        var config = settings.compact(true).delete(false).segmentBytes(80).build();
        store = StoredLogs.open(new RealDisk(), config, directory);
        var log = store.create(StoredLogs.partition(0), config);
        for (long timeMs : timesMs) {
            var result = log.append(Batches.of(record(timeMs, "k", "v")), 0, AppendOrigin.CLIENT, timeMs);
            assertInstanceOf(AppendResult.Appended.class, result);
        }
        log.advanceHighWatermark(timesMs.length);
        assertEquals(timesMs.length, log.view().segmentCount());
        return log;
    }

    @AfterEach
    void close() {
        store.abandon();
    }

    @Test
    void theDirtyPartMustBeAboveTheRatio() throws IOException {
        var log = log(LogConfig.builder().minCleanableDirtyRatio(0.25), NOW, NOW, NOW, NOW, NOW);
        assertTrue(CompactionPlan.of(log, NOW).isWorthwhile(), "all is dirty");
        log.cleanedUpTo(3, log.cuts());
        var plan = CompactionPlan.of(log, NOW);
        assertEquals(0.25, plan.dirtyRatio());
        assertFalse(plan.isWorthwhile(), "one segment in four is not above a quarter");
        log.reconfigure(log.config().with().minCleanableDirtyRatio(0.2).build());
        assertTrue(CompactionPlan.of(log, NOW).isWorthwhile());
        log.cleanedUpTo(4, log.cuts());
        log.reconfigure(log.config().with().minCleanableDirtyRatio(0).build());
        assertFalse(CompactionPlan.of(log, NOW).isWorthwhile(), "nothing is dirty but the active segment");
    }

    @Test
    void whatIsTooYoungIsLeftAlone() throws IOException {
        var log = log(LogConfig.builder().minCompactionLagMs(1_000), NOW, NOW + 10, NOW + 20, NOW + 30);
        var plan = CompactionPlan.of(log, NOW + 999);
        assertEquals(0, plan.firstUncleanableOffset());
        assertFalse(plan.isWorthwhile());
        assertEquals(2, CompactionPlan.of(log, NOW + 1_010).firstUncleanableOffset());
        assertTrue(CompactionPlan.of(log, NOW + 1_010).isWorthwhile());
        assertEquals(3, CompactionPlan.of(log, NOW + 9_000).firstUncleanableOffset(), "the active segment");
    }

    @Test
    void whatWaitsTooLongIsDueWhateverTheRatio() throws IOException {
        var log = log(LogConfig.builder().minCleanableDirtyRatio(1).maxCompactionLagMs(1_000), NOW, NOW + 10, NOW + 20);
        assertFalse(CompactionPlan.of(log, NOW + 1_000).isWorthwhile());
        var due = CompactionPlan.of(log, NOW + 1_007);
        assertTrue(due.isWorthwhile());
        assertEquals(7, due.delayMs());
        log.cleanedUpTo(2, log.cuts());
        assertFalse(CompactionPlan.of(log, NOW + 9_000).isWorthwhile(), "it was compacted");
    }
}
