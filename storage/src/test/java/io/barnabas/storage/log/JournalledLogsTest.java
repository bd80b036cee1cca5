package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.file.SimulatedDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

    /** The checkpoint still speaks of the one before. */
    @Test
    void theRecoveryPointOfADeletedPartitionDoesNotVouchForANewOne() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            begin();
            append(partition(0, 1), 100);
            store.log(partition(0, 1).topicPartition()).orElseThrow().flush(0);
            store.checkpoint();
            store.delete(partition(0, 1).topicPartition());
            disk.forceDirectory(DIR);
            var log = store.create(partition(0, 2), DURABLE);
            log.reconfigure(DURABLE.with().segmentBytes(300).build());
            for (int i = 0; i < 20; i++) {
                append(partition(0, 2), 2);
            }
            disk.forceDirectory(DIR);
            disk.forceDirectory(DIR.resolve("t-0"));
            disk = disk.crash(new Random(seed));
            store = StoredLogs.open(disk, DURABLE, DIR);
            var found = store.log(partition(0, 2).topicPartition()).orElseThrow();
            assertEquals(40, found.view().logEndOffset());
            var batches = StoredLogs.batches(found, 0, 10_000);
            assertEquals(20, batches.size());
            for (int i = 0; i < 20; i++) {
                assertEquals(2 * i, batches.get(i).getLong(0));
                assertEquals(2 * i + 1, StoredLogs.lastOffset(batches.get(i)));
            }
        }
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

    /** The entries that were half written do not come back with the next group, in front of which nothing is read. */
    @Test
    void afterAnErrorNothingIsDurableAnyMore() throws Exception {
        append(partition(0, 1), 2);
        var commit = store.newGroupCommit();
        append(commit, partition(0, 1), 3);
        append(commit, partition(1, 1), 3);
        int[] writes = {0};
        disk.failWhen((operation, path) -> {
            if (isJournal(path) && operation.equals("write") && ++writes[0] == 2) {
                throw new InternalError("on purpose");
            }
            return false;
        });
        assertEquals(Set.of(), commit.run());
        assertEquals(2, writes[0]);
        assertFalse(store.directories().get(0).isOnline());
        assertEquals(Set.of(), commit.run());
        losePower();
        assertTrue(end(partition(0, 1)) >= 2);
    }

    @Test
    void whatIsDurableIsTold() throws Exception {
        var commit = store.newGroupCommit();
        append(commit, partition(0, 1), 2);
        assertEquals(Set.copyOf(store.directories()), commit.run());
        assertEquals(Set.of(), commit.run());
    }

    private static boolean isJournal(Path path) {
        return path.getFileName() != null && path.getFileName().toString().startsWith("barnabas-journal-");
    }

    /** The journal's files, oldest first. */
    private List<Path> journalFiles() throws IOException {
        var byAge = new TreeMap<Long, Path>();
        for (var name : disk.list(DIR)) {
            var path = DIR.resolve(name);
            if (isJournal(path)) {
                byAge.put(ByteBuffer.wrap(disk.readAll(path)).getLong(Long.BYTES), path);
            }
        }
        return List.copyOf(byAge.values());
    }

    /**
     * Appends until the file of the lowest number has just been begun again, so that it is the newest; the entries of the topic, in older
     * files, are void by what the newest has. A topic of the same name has three records then.
     */
    private void recreateWithTheCutInTheFirstFile() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Path newest;
        Path before;
        do {
            assertTrue(System.nanoTime() < deadline, "the first file is not used again");
            before = newest();
            append(partition(0, 1), 5);
            newest = newest();
        } while (newest.equals(before)
                || !newest.endsWith("barnabas-journal-0")
                || journalFiles().size() < 2);
        store.delete(partition(0, 1).topicPartition());
        append(partition(0, 2), 3);
        store.log(partition(0, 2).topicPartition()).orElseThrow().flush(0);
        assertEquals(newest, newest());
    }

    private Path newest() throws IOException {
        var files = journalFiles();
        return files.isEmpty() ? null : files.get(files.size() - 1);
    }

    private void killProcess() {
        disk = disk.killProcess();
        store.abandon();
    }

    private void stopAfterDeletes(int count) {
        int[] deletes = {0};
        disk.failWhen((operation, path) -> {
            if (isJournal(path) && operation.equals("delete")) {
                deletes[0]++;
            }
            return deletes[0] > count;
        });
    }

    @Test
    void aCleanStopThatIsCutShortBringsNothingBack() throws Exception {
        recreateWithTheCutInTheFirstFile();
        stopAfterDeletes(1);
        store.close();
        killProcess();
        store = StoredLogs.open(disk, DURABLE, DIR);
        assertEquals(3, end(partition(0, 2)));
        assertEquals(List.of(), strays());
    }

    @Test
    void aStartThatIsCutShortBringsNothingBack() throws Exception {
        recreateWithTheCutInTheFirstFile();
        killProcess();
        stopAfterDeletes(1);
        store = StoredLogs.open(disk, DURABLE, DIR);
        assertFalse(store.directories().get(0).isOnline());
        killProcess();
        store = StoredLogs.open(disk, DURABLE, DIR);
        assertEquals(3, end(partition(0, 2)));
        assertEquals(List.of(), strays());
    }

    /** Each deletion is durable before the next one, by age: no power loss leaves an old file without the newer ones. */
    @Test
    void filesAreDeletedDurablyByAge() throws Exception {
        recreateWithTheCutInTheFirstFile();
        var stop = new ArrayList<String>();
        var files = journalFiles();
        record(stop);
        store.close();
        assertEquals(deletionsOf(files), stop);

        store = StoredLogs.open(disk, DURABLE, DIR);
        recreateWithTheCutInTheFirstFile();
        killProcess();
        var start = new ArrayList<String>();
        files = journalFiles();
        record(start);
        store = StoredLogs.open(disk, DURABLE, DIR);
        assertEquals(deletionsOf(files), start);
    }

    /** Deletions of journal files, and the forces of the directory that follow one. */
    private void record(List<String> operations) {
        disk.failWhen((operation, path) -> {
            if (isJournal(path) && operation.equals("delete")) {
                operations.add("delete " + path);
            } else if (path.equals(DIR) && operation.equals("force") && endsWithDelete(operations)) {
                operations.add("force");
            }
            return false;
        });
    }

    private static boolean endsWithDelete(List<String> operations) {
        return !operations.isEmpty() && operations.get(operations.size() - 1).startsWith("delete");
    }

    private static List<String> deletionsOf(List<Path> files) {
        var operations = new ArrayList<String>();
        for (var file : files) {
            operations.add("delete " + file);
            operations.add("force");
        }
        return operations;
    }

    /** However the newest file was lost: what the metadata knows is not put aside for what it does not. */
    @Test
    void entriesOfATopicThatIsGoneDoNotDisplaceTheOneThatIsThere() throws Exception {
        recreateWithTheCutInTheFirstFile();
        killProcess();
        disk.delete(newest());
        store = LogStore.open(
                StoredLogs.builder(DURABLE, DIR)
                        .recordedTopicId(partition -> partition(0, 2).topicId())
                        .build(),
                disk,
                () -> 1_000_000L);
        assertEquals(3, end(partition(0, 2)));
        assertEquals(List.of(), strays());
    }

    private List<String> strays() throws IOException {
        return disk.list(DIR).stream().filter(name -> name.endsWith("-stray")).toList();
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

    private static final Path OTHER = Path.of("/other");

    /** The directory is opened alone, gets these records of a partition, and loses power; a flushed log of one record before. */
    private void journalledIn(Path directory, TopicIdPartition partition, int records, int seed) throws Exception {
        store.abandon();
        store = StoredLogs.open(disk, DURABLE, directory);
        append(partition, 1);
        store.log(partition.topicPartition()).orElseThrow().flush(0);
        append(partition, records);
        disk = disk.crash(new Random(seed));
    }

    /** Logs of one record each. */
    private void closedIn(Path directory, TopicIdPartition... partitions) throws Exception {
        store.abandon();
        try (var closing = StoredLogs.open(disk, LogConfig.DEFAULTS, directory)) {
            for (var partition : partitions) {
                var log = closing.create(partition, LogConfig.DEFAULTS);
                log.append(Batches.of(Batches.randomRecords(new Random(1), 1, 10, 0)), 0, AppendOrigin.CLIENT, 0);
            }
        }
    }

    private void openBoth(Path recorded) {
        var config = StoredLogs.builder(DURABLE, DIR, OTHER)
                .recordedIn((partition, directory) -> directory.path().equals(recorded))
                .recoveryThreadsPerDir(1)
                .build();
        store = LogStore.open(config, disk, () -> 1_000_000L);
    }

    private void begin() {
        store.abandon();
        disk = new SimulatedDisk();
        store = StoredLogs.open(disk, DURABLE, DIR);
    }

    private String only(Path directory, String suffix) throws Exception {
        var found = disk.list(directory).stream()
                .filter(name -> name.endsWith(suffix))
                .toList();
        assertEquals(1, found.size(), () -> "with " + suffix + " in " + found);
        return found.get(0);
    }

    /** The metadata knows of the log in the other directory, which fails after it was loaded. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void whatTheJournalHasOfALogThatIsNotUsedIsRestoredThere(int seed) throws Exception {
        begin();
        closedIn(OTHER, partition(0, 1), partition(1, 1));
        journalledIn(DIR, partition(0, 1), 5, seed);
        disk.failWhen((operation, path) -> path.startsWith(OTHER.resolve("t-1")));
        openBoth(OTHER);
        assertEquals(
                OTHER,
                store.log(partition(0, 1).topicPartition())
                        .orElseThrow()
                        .directory()
                        .path());
        assertEquals(1, store.offline().size());
        disk = disk.crash(new Random(seed));
        openBoth(DIR);
        assertEquals(
                DIR,
                store.log(partition(0, 1).topicPartition())
                        .orElseThrow()
                        .directory()
                        .path());
        assertEquals(6, end(partition(0, 1)));
    }

    @Test
    void aLogThatIsNotUsedIsClosedWithTheOthers() throws Exception {
        closedIn(OTHER, partition(0, 1), partition(1, 1));
        journalledIn(DIR, partition(0, 1), 5, 1);
        disk.failWhen((operation, path) -> path.startsWith(OTHER.resolve("t-1")));
        openBoth(OTHER);
        store.close();
        disk = disk.crash(new Random(1));
        disk.failWhen((operation, path) -> path.startsWith(OTHER));
        store = StoredLogs.open(disk, DURABLE, DIR);
        assertEquals(6, end(partition(0, 1)));
        assertEquals(
                6, store.log(partition(0, 1).topicPartition()).orElseThrow().recoveryPoint());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void aLogThatIsPutAsideHasWhatTheJournalHas(int seed) throws Exception {
        begin();
        closedIn(OTHER, partition(0, 1));
        journalledIn(DIR, partition(0, 1), 5, seed);
        openBoth(OTHER);
        assertEquals(1, end(partition(0, 1)));
        store.close();
        disk.rename(DIR.resolve(only(DIR, "-stray")), DIR.resolve("t-0"));
        store = StoredLogs.open(disk, DURABLE, DIR);
        assertEquals(6, end(partition(0, 1)));
    }

    @Test
    void theJournalOfALogThatIsPutAsideDoesNotBringItBack() throws Exception {
        closedIn(OTHER, partition(0, 2));
        journalledIn(DIR, partition(0, 1), 5, 1);
        openBoth(OTHER);
        assertEquals(
                OTHER,
                store.log(partition(0, 2).topicPartition())
                        .orElseThrow()
                        .directory()
                        .path());
        assertEquals(1, end(partition(0, 2)));
        only(DIR, "-stray");
    }

    /** A deletion that a power loss has undone, with a log that was never flushed: it does not get what is another one's. */
    @Test
    void aLogWhoseTopicNobodyKnowsDoesNotStandForTheOneInTheJournal() throws Exception {
        closedIn(OTHER, partition(0, 1));
        journalledIn(DIR, partition(0, 2), 5, 1);
        disk.deleteRecursively(DIR.resolve("t-0"));
        assertTrue(disk.delete(OTHER.resolve("t-0").resolve("partition.metadata")));
        // What was flushed, too, is still in the journal.
        openBoth(Path.of("/none"));
        assertEquals(
                DIR,
                store.log(partition(0, 2).topicPartition())
                        .orElseThrow()
                        .directory()
                        .path());
        assertEquals(6, end(partition(0, 2)));
        only(OTHER, "-stray");
    }
}
