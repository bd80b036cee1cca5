package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.EnumOutter;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The log against a model, and against damage. {@code -Dseed=N} repeats a random run. */
class FileRaftLogTest {
    private static final int SEGMENT_BYTES = 400;
    private static final long TERM = 7;

    @TempDir
    Path home;

    @BeforeAll
    static void limitSharedPools() {
        JRaftOptions.limitSharedPools();
    }

    private static FileRaftLog open(Path directory) {
        var log = new FileRaftLog(directory, new MetadataSpace(directory, 0), SEGMENT_BYTES);
        var options = new LogStorageOptions();
        options.setConfigurationManager(new ConfigurationManager());
        options.setLogEntryCodecFactory(LogEntryV2CodecFactory.getInstance());
        try {
            log.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertTrue(log.init(options));
        return log;
    }

    private static String refusal(Path directory) {
        var log = new FileRaftLog(directory, new MetadataSpace(directory, 0), SEGMENT_BYTES);
        return assertThrows(RaftLogCorruptException.class, log::open).getMessage();
    }

    private static LogEntry entry(long index, String value) {
        var entry = new LogEntry(EnumOutter.EntryType.ENTRY_TYPE_DATA);
        entry.setId(new LogId(index, TERM));
        entry.setData(ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
        return entry;
    }

    private static LogEntry configuration(long index, int... voters) {
        var entry = new LogEntry(EnumOutter.EntryType.ENTRY_TYPE_CONFIGURATION);
        entry.setId(new LogId(index, TERM));
        entry.setPeers(new ArrayList<>());
        for (int voter : voters) {
            entry.getPeers().add(NodeNames.of(voter));
        }
        return entry;
    }

    private static String value(LogEntry entry) {
        return StandardCharsets.UTF_8.decode(entry.getData().duplicate()).toString();
    }

    private static List<Path> files(Path directory) throws IOException {
        try (var found = Files.list(directory)) {
            return found.sorted().toList();
        }
    }

    /** A log of three appends, of one, three and one entries, in one file. */
    private Path threeAppends() throws IOException {
        var log = open(home);
        assertEquals(1, log.appendEntries(List.of(entry(1, "one"))));
        assertEquals(3, log.appendEntries(List.of(entry(2, "two"), entry(3, "three"), entry(4, "four"))));
        assertEquals(1, log.appendEntries(List.of(entry(5, "five"))));
        log.shutdown();
        return files(home).get(0);
    }

    private static long positionOf(Path file, String text) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf(text);
    }

    private static void flip(Path file, long position) throws IOException {
        var bytes = Files.readAllBytes(file);
        bytes[Math.toIntExact(position)] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void everyCutOfTheLastAppendLeavesWhatWasAcknowledgedBefore() throws IOException {
        var whole = Files.readAllBytes(threeAppends());
        long lastAppendAt = positionOf(files(home).get(0), "five") - 30;
        for (int size = whole.length - 1; size > lastAppendAt; size--) {
            var directory = Files.createDirectory(home.resolve("cut" + size));
            Files.write(directory.resolve(files(home).get(0).getFileName()), Arrays.copyOf(whole, size));
            var log = open(directory);
            assertTrue(log.getLastLogIndex() <= 4, "cut at " + size);
            log.appendEntry(entry(log.getLastLogIndex() + 1, "again"));
            log.shutdown();
            log = open(directory);
            assertEquals("again", value(log.getEntry(log.getLastLogIndex())));
            assertEquals("one", value(log.getEntry(1)));
            log.shutdown();
        }
    }

    @Test
    void aWriteWhosePagesCameOutOfOrderIsCutAndNotCalledDamage() throws IOException {
        var log = open(home);
        log.appendEntry(entry(1, "one"));
        log.appendEntries(List.of(entry(2, "two"), entry(3, "three"), entry(4, "four")));
        log.shutdown();
        var file = files(home).get(0);
        flip(file, positionOf(file, "two"));
        log = open(home);
        assertEquals(1, log.getLastLogIndex());
        log.shutdown();
    }

    @Test
    void damageBeforeALaterAppendIsRefusedWithItsPlace() throws IOException {
        var file = threeAppends();
        long at = positionOf(file, "three");
        flip(file, at);
        var message = refusal(home);
        assertTrue(
                message.contains(file.toString()) && message.contains("at position") && message.contains("entry 3"),
                message);
    }

    @Test
    void everyFlippedBitOfAnAcknowledgedEntryIsRefused() throws IOException {
        var file = threeAppends();
        var whole = Files.readAllBytes(file);
        long end = positionOf(file, "two");
        for (int position = 0; position < end; position++) {
            flip(file, position);
            refusal(home);
            Files.write(file, whole);
        }
        open(home).shutdown();
    }

    @Test
    void damageOfAnOlderFileIsRefusedEvenAtItsEnd() throws IOException {
        var log = open(home);
        for (int index = 1; index <= 40; index++) {
            log.appendEntry(entry(index, "value " + index));
        }
        log.shutdown();
        var first = files(home).get(0);
        assertTrue(files(home).size() > 2);
        Files.write(first, Arrays.copyOf(Files.readAllBytes(first), (int) Files.size(first) - 1));
        assertTrue(refusal(home).contains(first.toString()));
    }

    @Test
    void aMissingFileIsRefused() throws IOException {
        var log = open(home);
        for (int index = 1; index <= 40; index++) {
            log.appendEntry(entry(index, "value " + index));
        }
        log.shutdown();
        Files.delete(files(home).get(1));
        var message = refusal(home);
        assertTrue(message.contains("does not follow entry"), message);
    }

    @Test
    void anEntryOutOfOrderIsRefusedAndNothingIsWrittenAfterwards() {
        var log = open(home);
        assertTrue(log.appendEntry(entry(1, "one")));
        assertFalse(log.appendEntry(entry(3, "three")));
        assertFalse(log.appendEntry(entry(2, "two")), "nobody knows what is on the disk");
        log.shutdown();
    }

    @Test
    void theVotersAreFoundAgain() {
        var log = open(home);
        log.appendEntries(List.of(configuration(1, 3, 1, 2), entry(2, "x")));
        log.shutdown();
        log = open(home);
        assertEquals(List.of(1, 2, 3), log.voters());
        log.shutdown();
    }

    @Test
    void aLogStartedAnewRemembersWhereItGoesOn() {
        var log = open(home);
        log.appendEntry(entry(1, "one"));
        assertTrue(log.reset(500));
        log.shutdown();
        log = open(home);
        assertEquals(500, log.getFirstLogIndex());
        assertEquals(499, log.getLastLogIndex());
        assertTrue(log.appendEntry(entry(500, "five hundred")));
        assertEquals("five hundred", value(log.getEntry(500)));
        log.shutdown();
    }

    @Test
    void behavesAsAMapOfEntries() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("FileRaftLogTest -Dseed=" + seed);
        for (int i = 0; i < 25; i++) {
            run(seed + i, 150);
        }
    }

    @Test
    @Tag("long")
    void behavesAsAMapOfEntriesForLong() throws IOException {
        long seed = System.nanoTime();
        for (int i = 0; i < 2_000; i++) {
            run(seed + i, 200);
        }
    }

    private void run(long seed, int steps) throws IOException {
        try {
            new Run(new SplittableRandom(seed), home.resolve("s" + seed)).run(steps);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("-Dseed=" + seed, e);
        }
    }

    /** A log, and the map that says what is in it. */
    private static final class Run {
        private final SplittableRandom random;
        private final Path directory;
        private final TreeMap<Long, String> model = new TreeMap<>();
        private FileRaftLog log;
        private long next = 1;

        Run(SplittableRandom random, Path directory) {
            this.random = random;
            this.directory = directory;
            log = open(directory);
        }

        void run(int steps) throws IOException {
            for (int step = 0; step < steps; step++) {
                switch (random.nextInt(14)) {
                    case 0 -> reopen();
                    case 1 -> truncateSuffix();
                    case 2 -> truncatePrefix();
                    case 3 -> {
                        if (random.nextInt(6) == 0) {
                            reset();
                        }
                    }
                    default -> append();
                }
                compare();
            }
            log.shutdown();
        }

        private void reopen() throws IOException {
            log.shutdown();
            if (random.nextBoolean()) {
                tear();
            }
            long first = next - model.size();
            log = open(directory);
            // The cut of a prefix within a file is forgotten: JRaft cuts again after it loaded its snapshot.
            log.truncatePrefix(first);
        }

        /** What a crash within an append leaves: bytes of entries that nobody was told of, in part or with holes. */
        private void tear() throws IOException {
            var files = files(directory);
            if (files.isEmpty()) {
                return;
            }
            var last = files.get(files.size() - 1);
            long sizeBytes = Files.size(last);
            log = open(directory);
            boolean rolls = sizeBytes >= SEGMENT_BYTES;
            log.truncatePrefix(next - model.size());
            log.appendEntries(
                    List.of(entry(next, "lost " + next), entry(next + 1, "lost too"), entry(next + 2, "lost")));
            log.shutdown();
            var torn = files(directory).get(files(directory).size() - 1);
            long start = rolls || !torn.equals(last) ? 0 : sizeBytes;
            var bytes = Files.readAllBytes(torn);
            int from = Math.toIntExact(start) + random.nextInt(20);
            if (random.nextBoolean()) {
                Files.write(torn, Arrays.copyOf(bytes, from));
            } else {
                Arrays.fill(bytes, from, Math.min(bytes.length, from + 25), (byte) 0);
                Files.write(torn, bytes, StandardOpenOption.TRUNCATE_EXISTING);
            }
        }

        private void truncateSuffix() {
            if (!model.isEmpty()) {
                long kept = random.nextLong(model.firstKey() - 1, next);
                model.tailMap(kept, false).clear();
                assertTrue(log.truncateSuffix(kept));
                next = kept + 1;
            }
        }

        private void truncatePrefix() {
            if (model.size() > 3) {
                long first = random.nextLong(model.firstKey(), next + 1);
                model.headMap(first).clear();
                assertTrue(log.truncatePrefix(first));
            }
        }

        private void reset() {
            next += random.nextInt(100);
            model.clear();
            assertTrue(log.reset(next));
        }

        private void append() {
            List<LogEntry> entries = new ArrayList<>();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                var value = "x".repeat(random.nextInt(1, 60)) + next;
                entries.add(entry(next, value));
                model.put(next++, value);
            }
            assertEquals(entries.size(), log.appendEntries(entries));
        }

        private void compare() {
            assertEquals(next - model.size(), log.getFirstLogIndex());
            assertEquals(next - 1, log.getLastLogIndex());
            model.forEach((index, value) -> assertEquals(value, value(log.getEntry(index))));
            assertNull(log.getEntry(next));
            assertNull(log.getEntry(log.getFirstLogIndex() - 1));
        }
    }
}
