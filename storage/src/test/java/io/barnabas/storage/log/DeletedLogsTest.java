package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.file.StorageException;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A log that was deleted does nothing to the log that has its name next, nor to the directory. */
class DeletedLogsTest {
    private static final Path DIR = Path.of("/data");
    private static final long NOW = 1_000_000;
    private static final LogConfig CONFIG = LogConfig.builder()
            .segmentBytes(1_000)
            .indexIntervalBytes(100)
            .fileDeleteDelayMs(0)
            .build();
    private static final LogConfig DURABLE =
            CONFIG.with().durability(Durability.FSYNC).build();

    private SimulatedDisk disk = new SimulatedDisk();
    private LogStore store = StoredLogs.open(disk, CONFIG, DIR);

    private static TopicIdPartition topic(int id) {
        return new TopicIdPartition(new Uuid(7, id), "t", 0);
    }

    private static TopicIdPartition other() {
        return new TopicIdPartition(new Uuid(8, 1), "other", 0);
    }

    private PartitionLog create(int id) throws IOException {
        return store.create(topic(id), CONFIG);
    }

    private static void append(PartitionLog log, int records) throws IOException {
        for (int i = 0; i < records; i++) {
            log.append(Batches.of(Batches.randomRecords(new Random(i), 1, 20, NOW)), 0, AppendOrigin.CLIENT, NOW);
        }
        log.advanceHighWatermark(log.view().logEndOffset());
    }

    private PartitionLog killed() {
        disk = disk.killProcess();
        store = StoredLogs.open(disk, CONFIG, DIR);
        return store.log(topic(1).topicPartition()).orElseThrow();
    }

    private void assertWhole(int id, int records) throws IOException {
        assertTrue(store.directories().get(0).isOnline());
        var log = killed();
        assertEquals(topic(id).topicId(), log.topicId());
        assertEquals(0, log.view().logStartOffset());
        assertEquals(records, log.view().logEndOffset());
        assertEquals(records, StoredLogs.batches(log, 0, 100_000).size());
    }

    @Test
    void checkpointsOfTheDeletedLogAreNotTheNextOnes() throws IOException {
        var first = create(1);
        append(first, 100);
        first.advanceLogStart(50);
        first.flush(NOW);
        store.checkpoint();
        store.delete(first.partition());
        append(create(2), 30);
        assertWhole(2, 30);
    }

    @Test
    void theStartOfTheDeletedLogHidesNothingOfTheNext() throws IOException {
        var first = create(1);
        append(first, 100);
        first.advanceLogStart(50);
        store.checkpoint();
        // Found by the start, not written in this life of the store.
        var found = killed();
        store.delete(found.partition());
        append(create(2), 80);
        assertWhole(2, 80);
    }

    @Test
    void whatIsStagedGoesWithTheLog() throws IOException {
        var first = create(1);
        append(first, 3);
        first.stage(Batches.of(Batches.randomRecords(new Random(1), 1, 20, NOW)), 0, AppendOrigin.CLIENT, NOW);
        store.delete(first.partition());
        append(create(2), 5);
        assertThrows(StorageException.class, () -> first.writeStaged(NOW));
        first.writeStaged(NOW);
        assertFalse(first.awaitsJournal());
        assertWhole(2, 5);
    }

    @Test
    void whatIsStagedForTheJournalGoesWithTheLog() throws IOException {
        var first = store.create(topic(1), DURABLE);
        append(first, 3);
        first.stage(Batches.of(Batches.randomRecords(new Random(1), 1, 20, NOW)), 0, AppendOrigin.CLIENT, NOW);
        first.writeStaged(NOW);
        store.delete(first.partition());
        assertFalse(first.awaitsJournal());
        assertThrows(
                StorageException.class,
                () -> first.stage(
                        Batches.of(Batches.randomRecords(new Random(1), 1, 20, NOW)), 0, AppendOrigin.CLIENT, NOW));
        append(create(2), 5);
        assertWhole(2, 5);
    }

    @Test
    void aFlushOfTheDeletedLogTouchesNothing() throws IOException {
        var first = create(1);
        append(first, 3);
        first.startEpoch(4);
        store.delete(first.partition());
        var next = create(2);
        append(next, 5);
        next.flush(NOW);
        first.flush(NOW);
        first.flushRolled(NOW);
        assertWhole(2, 5);
    }

    @Test
    void theJournalIsTrimmedOfTheDeletedLog() throws Exception {
        store.create(topic(1), DURABLE);
        durably(topic(1));
        store.delete(topic(1).topicPartition());
        var next = store.create(topic(2), DURABLE);
        durably(topic(2));
        next.flush(NOW);
        for (int i = 0; i < 200; i++) {
            durably(other());
        }
        assertWhole(2, 1);
    }

    private void durably(TopicIdPartition partition) throws IOException {
        var log = store.create(partition, DURABLE);
        log.stage(Batches.of(Batches.randomRecords(new Random(1), 1, 100, NOW)), 0, AppendOrigin.CLIENT, NOW);
        log.writeStaged(NOW);
        var commit = store.newGroupCommit();
        commit.add(log);
        commit.run();
    }

    @Test
    void retentionOfTheDeletedLogTouchesNothing() throws IOException {
        var first = store.create(topic(1), CONFIG.with().retentionMs(0).build());
        append(first, 20);
        long upTo = first.deletableUpTo(NOW + 100);
        assertEquals(20, upTo);
        store.delete(first.partition());
        assertEquals(0, first.deleteSegmentsUpTo(upTo, NOW));
        var next = create(2);
        append(next, 5);
        assertEquals(0, first.deleteSegmentsUpTo(upTo, NOW));
        assertFalse(first.advanceLogStart(10));
        assertThrows(StorageException.class, () -> first.truncateTo(1, NOW));
        assertThrows(StorageException.class, () -> first.truncateFullyAndStartAt(1, NOW));
        store.deleteDue();
        assertWhole(2, 5);
    }

    @Test
    void readsOfTheDeletedLogDoNotFindTheNext() throws IOException {
        var first = create(1);
        append(first, 20);
        var before = StoredLogs.batches(first, 0, 100_000);
        store.delete(first.partition());
        append(create(2), 30);
        // Until its files are gone, whoever has it still reads it.
        assertEquals(before, StoredLogs.batches(first, 0, 100_000));
        store.deleteDue();
        assertWhole(2, 30);
    }

    /** What was counted of it as about to be written is not any more. */
    @Test
    void whatIsStagedIsNotReservedForEver() throws IOException {
        store.abandon();
        disk = new SimulatedDisk();
        store = LogStore.open(
                StoredLogs.builder(CONFIG, DIR).minFreeBytes(1_000_000).build(), disk, () -> NOW);
        disk.usableBytes(1_200_000);
        store.checkSpace();
        for (int i = 0; i < 20; i++) {
            var log = create(i);
            log.stage(Batches.of(Batches.randomRecords(new Random(1), 1, 20, NOW)), 0, AppendOrigin.CLIENT, NOW);
            store.delete(log.partition());
            assertThrows(StorageException.class, () -> log.writeStaged(NOW));
        }
        store.checkSpace();
        assertFalse(store.directories().get(0).reserve().refusesClients());
    }
}
