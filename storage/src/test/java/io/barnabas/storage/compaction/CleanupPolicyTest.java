package io.barnabas.storage.compaction;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.Batches;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.StoredLogs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What an empty {@code cleanup.policy} leaves alone (KIP-1161). */
class CleanupPolicyTest {
    private static final long NOW = 1_000_000;

    @TempDir
    Path directory;

    @Test
    void withoutAPolicyEverythingStays() throws IOException {
        var config = LogConfig.builder()
                .compact(false)
                .delete(false)
                .segmentBytes(80)
                .retentionMs(1)
                .retentionBytes(1)
                .minCleanableDirtyRatio(0)
                .maxCompactionLagMs(1)
                .build();
        var store = StoredLogs.open(new RealDisk(), config, directory);
        var log = store.create(StoredLogs.partition(0), config);
        for (int i = 0; i < 5; i++) {
            // A record without a key is welcome: nothing will look for it.
            log.append(Batches.of(record(NOW, i == 0 ? null : "k", "v")), 0, AppendOrigin.CLIENT, NOW);
        }
        log.advanceHighWatermark(5);
        long muchLater = NOW + 1_000_000_000;
        var compactor = new Compactor(
                store, () -> List.of(log), (owned, task) -> task.run(), CompactionSettings.DEFAULT, () -> muchLater);
        assertEquals(0, log.deletableUpTo(muchLater));
        assertFalse(compactor.compactDirtiest());
        assertEquals(5, StoredLogs.batches(log, 0, 10_000).size());

        // What a client deletes goes nevertheless.
        log.advanceLogStart(3);
        assertEquals(3, log.deletableUpTo(muchLater));

        log.reconfigure(config.with().delete(true).build());
        assertEquals(5, log.deletableUpTo(muchLater));
        log.reconfigure(config.with().compact(true).build());
        assertEquals(3, log.deletableUpTo(muchLater));
        assertTrue(compactor.compactDirtiest());
        store.abandon();
    }
}
