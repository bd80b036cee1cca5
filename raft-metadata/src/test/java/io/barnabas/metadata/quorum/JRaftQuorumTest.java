package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The only voter of a quorum. */
@Timeout(120)
class JRaftQuorumTest {
    @TempDir
    Path directory;

    private RecordedLog log = new RecordedLog();

    private QuorumConfig config() {
        return QuorumConfig.of("5L6g3nShT-eMCtK--X86sw", 1, Map.of(1, "localhost:9093"), directory);
    }

    private JRaftQuorum start() throws IOException {
        return start(config());
    }

    private JRaftQuorum start(QuorumConfig config) throws IOException {
        log = new RecordedLog();
        var quorum = JRaftQuorum.alone(config);
        quorum.start(log);
        return quorum;
    }

    private static byte[] bytes(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T get(CompletableFuture<T> stage) throws Exception {
        return stage.get(30, TimeUnit.SECONDS);
    }

    private long propose(JRaftQuorum quorum, String value) throws Exception {
        return get(quorum.propose(bytes(value), log.leadingTerm()).toCompletableFuture());
    }

    private IOException refusal() {
        return assertThrows(IOException.class, this::start);
    }

    @Test
    void leadsWhenStartReturnsAndRemembersWhatItCommitted() throws Exception {
        long term;
        try (var quorum = start()) {
            term = log.leadingTerm();
            assertTrue(term > 0);
            long first = propose(quorum, "a");
            long second = propose(quorum, "b");
            assertTrue(second > first);
            assertEquals(List.of("a", "b"), log.values());
            assertEquals(new QuorumState(1, term, List.of(1), List.of(), second, Map.of(1, second)), quorum.describe());
        }
        for (int restart = 1; restart <= 2; restart++) {
            try (var quorum = start()) {
                assertTrue(log.leadingTerm() > term);
                term = log.leadingTerm();
                assertEquals(restart == 1 ? List.of("a", "b") : List.of("a", "b", "c1"), log.values());
                propose(quorum, "c" + restart);
            }
        }
        assertNull(log.fatal());
    }

    @Test
    void aBatchOfAnOldTermIsRefused() throws Exception {
        try (var quorum = start()) {
            var stale = quorum.propose(bytes("stale"), log.leadingTerm() - 1).toCompletableFuture();
            assertThrows(ExecutionException.class, () -> get(stale));
            propose(quorum, "a");
            assertEquals(List.of("a"), log.values());
        }
    }

    @Test
    void manyAtOnceAreCommittedOrRefusedButNeverLost() throws Exception {
        List<String> acknowledged = new ArrayList<>();
        try (var quorum = start()) {
            List<CompletableFuture<Long>> stages = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                stages.add(quorum.propose(bytes("v" + i), log.leadingTerm()).toCompletableFuture());
            }
            for (int i = 0; i < stages.size(); i++) {
                try {
                    get(stages.get(i));
                    acknowledged.add("v" + i);
                } catch (ExecutionException e) {
                    assertTrue(
                            e.getCause().getMessage().contains("under way"),
                            e.getCause().getMessage());
                }
            }
            assertTrue(acknowledged.size() >= JRaftQuorum.MOST_IN_FLIGHT);
            assertEquals(acknowledged, log.values());
            propose(quorum, "room again");
        }
        acknowledged.add("room again");
        try (var quorum = start()) {
            assertEquals(acknowledged, log.values());
        }
    }

    @Test
    void aBatchThatIsTooLargeIsRefused() throws Exception {
        try (var quorum = start()) {
            var batch = new byte[JRaftQuorum.LARGEST_BATCH_BYTES + 1];
            var refused = quorum.propose(batch, log.leadingTerm()).toCompletableFuture();
            assertThrows(ExecutionException.class, () -> get(refused));
        }
    }

    @Test
    void aSnapshotReplacesTheLog() throws Exception {
        List<String> expected = new ArrayList<>();
        for (int round = 1; round <= 3; round++) {
            try (var quorum = start()) {
                assertEquals(expected, log.values());
                for (int i = 0; i < 50; i++) {
                    propose(quorum, round + "." + i);
                    expected.add(round + "." + i);
                }
                get(quorum.snapshot().toCompletableFuture());
                propose(quorum, "after " + round);
                expected.add("after " + round);
            }
            assertEquals(1, entriesOf("snapshot").size(), "snapshots kept");
        }
        try (var quorum = start()) {
            assertEquals(expected, log.values());
        }
    }

    @Test
    void snapshotsAreTakenAfterSoManyBytes() throws Exception {
        var often = new QuorumConfig("c", 1, Map.of(1, "localhost:9093"), directory, 1_000, 100, 1_000, 0);
        List<String> expected = new ArrayList<>();
        try (var quorum = start(often)) {
            for (int i = 0; i < 200; i++) {
                propose(quorum, "value " + i);
                expected.add("value " + i);
            }
            Await.until("a snapshot is there", () -> entriesOf("snapshot").stream()
                    .anyMatch(file -> file.getFileName().toString().startsWith("snapshot_")));
        }
        try (var quorum = start(often)) {
            assertEquals(expected, log.values());
        }
    }

    @Test
    void aTornEndIsCutOff() throws Exception {
        try (var quorum = start()) {
            propose(quorum, "a");
        }
        Files.write(lastSegment(), new byte[] {0, 0, 0, 99, 1, 2, 3}, StandardOpenOption.APPEND);
        try (var quorum = start()) {
            assertEquals(List.of("a"), log.values());
            propose(quorum, "b");
        }
        try (var quorum = start()) {
            assertEquals(List.of("a", "b"), log.values());
        }
    }

    @Test
    void damageWithinTheLogStopsTheNodeWithAReason() throws Exception {
        try (var quorum = start()) {
            for (int i = 0; i < 10; i++) {
                propose(quorum, "value " + i);
            }
        }
        flip(lastSegment(), 0.5);
        var message = refusal().getMessage();
        assertTrue(message.contains(lastSegment().toString()) && message.contains("at position"), message);
        assertTrue(refusal().getMessage().contains("at position"), "and once more: the refusal leaves nothing behind");
    }

    @Test
    void aDamagedSnapshotStopsTheNodeWithAReason() throws Exception {
        try (var quorum = start()) {
            propose(quorum, "a");
            get(quorum.snapshot().toCompletableFuture());
        }
        var image = entriesOf("snapshot").get(0).resolve(SnapshotFile.NAME);
        flip(image, 0.9);
        var message = refusal().getMessage();
        assertTrue(message.contains(image.toString()) && message.contains("damaged"), message);
    }

    @Test
    void aMissingSnapshotStopsTheNodeWithAReason() throws Exception {
        try (var quorum = start()) {
            for (int round = 0; round < 3; round++) {
                propose(quorum, "a");
                get(quorum.snapshot().toCompletableFuture());
            }
        }
        var snapshot = entriesOf("snapshot").get(0);
        Files.delete(snapshot.resolve(SnapshotFile.NAME));
        var message = refusal().getMessage();
        assertTrue(message.contains(snapshot.toString()), message);
    }

    @Test
    void aNodeThatForgotItsVoteDoesNotStart() throws Exception {
        try (var quorum = start()) {
            propose(quorum, "a");
        }
        Files.delete(directory.resolve(VoteFile.NAME));
        var message = refusal().getMessage();
        assertTrue(message.contains("vote is missing"), message);
    }

    @Test
    void otherVotersThanThoseOfTheLogAreRefused() throws Exception {
        try (var quorum = start()) {
            propose(quorum, "a");
        }
        var other = QuorumConfig.of("5L6g3nShT-eMCtK--X86sw", 2, Map.of(2, "localhost:9093"), directory);
        var refusal = assertThrows(IOException.class, () -> start(other));
        assertTrue(refusal.getMessage().contains("controller.quorum.voters"), refusal.getMessage());
    }

    @Test
    void oneDirectoryHasOneOwner() throws Exception {
        try (var quorum = start()) {
            var refusal = assertThrows(
                    IOException.class, () -> JRaftQuorum.alone(config()).start(new RecordedLog()));
            assertTrue(refusal.getMessage().contains("lock"), refusal.getMessage());
            propose(quorum, "a");
        }
    }

    @Test
    void severalVotersNeedATransport() {
        var three = QuorumConfig.of("c", 1, Map.of(1, "a:1", 2, "b:1", 3, "c:1"), directory);
        var refusal = assertThrows(IllegalArgumentException.class, () -> JRaftQuorum.alone(three));
        assertTrue(refusal.getMessage().contains("controller.quorum.voters"), refusal.getMessage());
    }

    @Test
    void aListenerThatCannotFollowStopsTheNode() throws Exception {
        try (var quorum = start()) {
            propose(quorum, "a");
            var poison = quorum.propose(bytes("poison"), log.leadingTerm()).toCompletableFuture();
            assertThrows(ExecutionException.class, () -> get(poison));
            Await.until("the listener is told", () -> log.fatal() != null);
            var after = quorum.propose(bytes("b"), log.leadingTerm()).toCompletableFuture();
            assertThrows(ExecutionException.class, () -> get(after));
            assertEquals(List.of("a"), log.values());
        }
        var refusal = refusal();
        assertTrue(refusal.getMessage().contains("does not come to lead"), refusal.getMessage());
    }

    @Test
    void whatIsUnderWayWhenItClosesFails() throws Exception {
        List<CompletableFuture<Long>> stages = new ArrayList<>();
        var quorum = start();
        for (int i = 0; i < 200; i++) {
            stages.add(quorum.propose(bytes("v" + i), log.leadingTerm()).toCompletableFuture());
        }
        quorum.close();
        for (var stage : stages) {
            assertTrue(stage.isDone(), "completes or fails, but never hangs");
        }
        var late = quorum.propose(bytes("late"), log.leadingTerm()).toCompletableFuture();
        assertThrows(ExecutionException.class, () -> get(late));
        quorum.close();
    }

    @Test
    void noThreadIsLeft() throws Exception {
        try (var quorum = start()) {
            propose(quorum, "a");
            get(quorum.snapshot().toCompletableFuture());
            assertNotEquals(List.of(), QuorumThreads.running());
        }
        Await.until(() -> "the threads are gone: " + QuorumThreads.running(), () -> QuorumThreads.running()
                .isEmpty());
    }

    private List<Path> entriesOf(String folder) {
        try (var files = Files.list(directory.resolve(folder))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path lastSegment() {
        var files = entriesOf("log");
        return files.get(files.size() - 1);
    }

    private static void flip(Path file, double where) throws IOException {
        var bytes = Files.readAllBytes(file);
        bytes[(int) (bytes.length * where)] ^= 1;
        Files.write(file, bytes);
    }
}
