package io.barnabas.storage.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.file.SimulatedDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Logs with {@code durability=fsync} whose journal finds no space now and then: nothing fails, and what was acknowledged is kept. */
@Timeout(120)
class JournalDiskFullTest {
    private static final Path DIR = Path.of("/data");
    private static final LogConfig DURABLE =
            LogConfig.builder().durability(Durability.FSYNC).segmentBytes(2_000).build();
    private static final int PARTITIONS = 3;
    private static final int SEEDS = Integer.getInteger("seeds", 60);

    private SimulatedDisk disk = new SimulatedDisk();
    private LogStore store = StoredLogs.open(disk, DURABLE, DIR);

    private static boolean isOfJournal(Path path) {
        return path.getFileName().toString().startsWith("barnabas-journal-");
    }

    /** From now on, so many operations of the journal that need space succeed. */
    private void fillAfter(int operations) {
        int[] left = {operations};
        disk.usableBytes(0);
        disk.failWhen((operation, path) ->
                isOfJournal(path) && List.of("write", "create").contains(operation) && left[0]-- <= 0);
    }

    private void free() {
        disk.failWhen((operation, path) -> false);
        disk.usableBytes(1L << 40);
        store.checkSpace();
    }

    private static TopicIdPartition partition(int partition, long topic) {
        return new TopicIdPartition(new Uuid(7, topic), "t", partition);
    }

    private void add(GroupCommit commit, TopicIdPartition partition, ByteBuffer batch) throws Exception {
        var log = store.create(partition, DURABLE);
        assertTrue(log.stage(batch, 0, AppendOrigin.CLIENT, 0) instanceof AppendResult.Appended);
        log.writeStaged(0);
        commit.add(log);
    }

    private void losePower(Random random) {
        disk = disk.crash(random);
        store = StoredLogs.open(disk, DURABLE, DIR);
    }

    @Test
    void theLogsAreFlushedInstead() throws Exception {
        fillAfter(0);
        var commit = store.newGroupCommit();
        for (int i = 0; i < PARTITIONS; i++) {
            add(commit, partition(i, 1), Batches.random(new Random(i), 2, 50, 0));
        }
        commit.run();
        assertEquals(List.of(), store.offline());
        losePower(new Random(1));
        for (int i = 0; i < PARTITIONS; i++) {
            assertEquals(
                    2,
                    store.log(partition(i, 1).topicPartition())
                            .orElseThrow()
                            .view()
                            .logEndOffset());
        }
    }

    @Test
    void aForceOfTheJournalThatFindsNoSpaceFailsTheDirectory() throws Exception {
        disk.usableBytes(0);
        disk.failWhen((operation, path) -> operation.equals("force") && isOfJournal(path));
        var commit = store.newGroupCommit();
        add(commit, partition(0, 1), Batches.random(new Random(1), 2, 50, 0));
        commit.run();
        assertFalse(store.directories().get(0).isOnline());
    }

    @Test
    void aDeletionFreesSpaceWhereThereIsNone() throws Exception {
        var commit = store.newGroupCommit();
        add(commit, partition(0, 1), Batches.random(new Random(1), 2, 50, 0));
        commit.run();
        fillAfter(0);
        store.delete(partition(0, 1).topicPartition());
        assertEquals(List.of(), store.offline());
        disk.forceDirectory(DIR);
        losePower(new Random(1));
        assertTrue(store.logs().isEmpty());
    }

    /** Not for the journal, and not for the small files of the logs in it. */
    @Test
    void aDeletionNeedsNoSpaceAtAll() throws Exception {
        var commit = store.newGroupCommit();
        for (int i = 0; i < PARTITIONS; i++) {
            add(commit, partition(i, 1), Batches.random(new Random(1), 2, 50, 0));
        }
        commit.run();
        disk.usableBytes(0);
        disk.failWhen((operation, path) -> List.of("write", "create").contains(operation));
        store.delete(partition(0, 1).topicPartition());
        assertEquals(List.of(), store.offline());
        assertTrue(store.log(partition(0, 1).topicPartition()).isEmpty());
        free();
        losePower(new Random(1));
        for (int i = 1; i < PARTITIONS; i++) {
            assertEquals(
                    2,
                    store.log(partition(i, 1).topicPartition())
                            .orElseThrow()
                            .view()
                            .logEndOffset());
        }
    }

    @Test
    void nothingIsLostAndNothingComesBack() throws Exception {
        for (int seed = 1; seed <= SEEDS; seed++) {
            try {
                run(new Random(seed));
            } catch (Throwable e) {
                throw new AssertionError("Failed with seed " + seed, e);
            }
        }
    }

    /** What a partition must have. */
    private static final class Model {
        final List<ByteBuffer> batches = new ArrayList<>();
        long topic = 1;

        long end() {
            return batches.isEmpty() ? 0 : StoredLogs.lastOffset(batches.get(batches.size() - 1)) + 1;
        }
    }

    private void run(Random random) throws Exception {
        disk = new SimulatedDisk();
        store = StoredLogs.open(disk, DURABLE, DIR);
        var models = List.of(new Model(), new Model(), new Model());
        for (int step = 0; step < 60; step++) {
            int what = random.nextInt(12);
            int number = random.nextInt(PARTITIONS);
            var model = models.get(number);
            var log = store.create(partition(number, model.topic), DURABLE);
            switch (what) {
                case 0 -> free();
                case 1, 2 -> fillAfter(random.nextInt(20));
                case 3 -> {
                    if (!model.batches.isEmpty()) {
                        int keep = random.nextInt(model.batches.size());
                        log.truncateTo(model.batches.get(keep).getLong(0), 0);
                        model.batches.subList(keep, model.batches.size()).clear();
                    }
                }
                case 4 -> {
                    store.delete(log.partition());
                    model.topic++;
                    model.batches.clear();
                }
                case 5 -> {
                    losePower(random);
                    verify(models);
                }
                default -> {
                    var commit = store.newGroupCommit();
                    int first = random.nextInt(PARTITIONS);
                    for (int i = first; i < PARTITIONS; i++) {
                        var batch = Batches.random(random, 1 + random.nextInt(4), 200, 0);
                        models.get(i).batches.add(batch.duplicate());
                        add(commit, partition(i, models.get(i).topic), batch);
                    }
                    commit.run();
                }
            }
            assertEquals(List.of(), store.offline());
        }
        free();
        store.close();
        losePower(random);
        verify(models);
    }

    private void verify(List<Model> models) throws Exception {
        for (int i = 0; i < PARTITIONS; i++) {
            var model = models.get(i);
            var found = store.log(partition(i, model.topic).topicPartition())
                    .filter(log -> log.topicId().equals(new Uuid(7, model.topic)));
            assertEquals(
                    model.end(), found.map(log -> log.view().logEndOffset()).orElse(0L));
            if (found.isPresent()) {
                assertEquals(model.batches, StoredLogs.batches(found.get(), 0, 10_000));
            }
        }
    }
}
