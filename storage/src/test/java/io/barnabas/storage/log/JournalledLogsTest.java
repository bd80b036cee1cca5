package io.barnabas.storage.log;

import java.nio.file.Path;
import java.util.Random;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.file.SimulatedDisk;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Logs with {@code durability=fsync} over power losses that take everything that was not forced. {@link CrashSimulationTest} does more. */
class JournalledLogsTest {
    private static final Path DIR = Path.of("/data");
    private static final LogConfig DURABLE =
            LogConfig.builder().durability(Durability.FSYNC).build();

    private SimulatedDisk disk = new SimulatedDisk();
    private LogStore store = StoredLogs.open(disk, DURABLE, DIR);

    private static TopicIdPartition partition(int partition, long topic) {
        return new TopicIdPartition(new Uuid(7, topic), "t", partition);
    }

    private void append(GroupCommit commit, TopicIdPartition partition, int records) throws Exception {
        var log = store.create(partition, DURABLE);
        log.stage(Batches.of(Batches.randomRecords(new Random(1), records, 10, 0)), 0, AppendOrigin.CLIENT, 0);
        log.writeStaged(0);
        assertTrue(log.awaitsJournal());
        commit.add(log);
    }

    private void append(TopicIdPartition partition, int records) throws Exception {
        var commit = store.newGroupCommit();
        append(commit, partition, records);
        commit.run();
    }

    private void losePower() {
        disk = disk.crash(new Random(2));
        store = StoredLogs.open(disk, DURABLE, DIR);
    }

    private long end(TopicIdPartition partition) {
        return store.log(partition.topicPartition())
                .filter(log -> log.topicId().equals(partition.topicId()))
                .map(log -> log.view().logEndOffset())
                .orElse(-1L);
    }

    @Test
    void oneForceIsEnoughForManyPartitions() throws Exception {
        append(partition(0, 1), 1);
        int[] forces = {0};
        disk.failWhen((operation, path) -> {
            if (operation.equals("force")) {
                forces[0]++;
            }
            return false;
        });
        var commit = store.newGroupCommit();
        for (int i = 0; i < 20; i++) {
            append(commit, partition(i, 1), 3);
        }
        commit.run();
        assertEquals(1, forces[0]);
        losePower();
        assertEquals(4, end(partition(0, 1)));
        for (int i = 1; i < 20; i++) {
            assertEquals(3, end(partition(i, 1)));
        }
    }

    @Test
    void whatTheJournalHasSurvivesOneCrashAfterAnother() throws Exception {
        for (int round = 1; round <= 5; round++) {
            append(partition(0, 1), 2);
            losePower();
            assertEquals(2L * round, end(partition(0, 1)));
        }
    }

    @Test
    void aDeletedPartitionDoesNotComeBack() throws Exception {
        append(partition(0, 1), 5);
        append(partition(1, 1), 5);
        store.delete(partition(0, 1).topicPartition());
        disk.forceDirectory(DIR);
        losePower();
        assertEquals(-1, end(partition(0, 1)));
        assertEquals(5, end(partition(1, 1)));
    }

    @Test
    void aTopicOfTheSameNameKeepsWhatItGot() throws Exception {
        append(partition(0, 1), 5);
        store.delete(partition(0, 1).topicPartition());
        append(partition(0, 2), 3);
        losePower();
        assertEquals(3, end(partition(0, 2)));
    }

    @Test
    void afterACleanStopThereIsNoJournal() throws Exception {
        append(partition(0, 1), 5);
        assertTrue(disk.list(DIR).stream().anyMatch(name -> name.startsWith("barnabas-journal-")));
        store.close();
        assertTrue(disk.list(DIR).stream().noneMatch(name -> name.startsWith("barnabas-journal-")));
        losePower();
        assertEquals(5, end(partition(0, 1)));
    }

    @Test
    void recordsFromBeforeTheTopicAskedForItAreThereToo() throws Exception {
        var log = store.create(partition(0, 1), LogConfig.DEFAULTS);
        log.append(Batches.of(Batches.randomRecords(new Random(1), 4, 10, 0)), 0, AppendOrigin.CLIENT, 0);
        log.reconfigure(DURABLE);
        append(partition(0, 1), 2);
        losePower();
        assertEquals(6, end(partition(0, 1)));
    }
}
