package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Metadata on a disk that others have filled to the last byte. */
@Timeout(120)
class MetadataDiskFullTest {
    private static final long DISK_BYTES = 64L << 20;
    private static final long RESERVE_BYTES = 1 << 20;

    @TempDir
    Path directory;

    private RecordedLog log = new RecordedLog();

    private JRaftQuorum start(FullDisk disk) throws IOException {
        log = new RecordedLog();
        var quorum = JRaftQuorum.alone(
                QuorumConfig.of("5L6g3nShT-eMCtK--X86sw", 1, Map.of(1, "localhost:9093"), directory), disk);
        quorum.start(log);
        return quorum;
    }

    private FullDisk disk() {
        return new FullDisk(directory, RESERVE_BYTES, DISK_BYTES);
    }

    private CompletableFuture<Long> propose(JRaftQuorum quorum, String value) {
        return quorum.propose(value.getBytes(StandardCharsets.UTF_8), log.leadingTerm())
                .toCompletableFuture();
    }

    private long keptBytes() {
        return directory.resolve(MetadataSpace.NAME).toFile().length();
    }

    private void awaitWhole() {
        Await.until("the reserve is whole", () -> keptBytes() == RESERVE_BYTES);
    }

    @Test
    void changesGoOnFromTheReserveWhichIsMadeWholeAgain() throws Exception {
        var disk = disk();
        try (var quorum = start(disk)) {
            awaitWhole();
            disk.fill();
            for (int i = 0; i < 3_000; i++) {
                propose(quorum, "change " + i).get(30, TimeUnit.SECONDS);
            }
            assertTrue(keptBytes() < RESERVE_BYTES);
            disk.free();
            awaitWhole();
        }
        try (var quorum = start(disk())) {
            assertEquals(3_000, log.values().size());
        }
    }

    @Test
    void aNodeStartsOnAFullDisk() throws Exception {
        try (var quorum = start(disk())) {
            propose(quorum, "a").get(30, TimeUnit.SECONDS);
            awaitWhole();
        }
        for (int i = 0; i < 3; i++) {
            var full = disk();
            full.fill();
            try (var quorum = start(full)) {
                propose(quorum, "b").get(30, TimeUnit.SECONDS);
            }
        }
        assertEquals(4, log.values().size());
        assertTrue(keptBytes() > RESERVE_BYTES / 2);
    }

    /** Other programs take what one piece leaves. */
    @Test
    void whatOthersTakeMeanwhileDoesNotUseUpTheReserveAtOnce() throws Exception {
        var disk = disk();
        try (var quorum = start(disk)) {
            awaitWhole();
            for (int i = 0; i < 10; i++) {
                disk.fill();
                propose(quorum, "change " + i).get(30, TimeUnit.SECONDS);
            }
            assertTrue(keptBytes() > 0);
        }
    }

    @Test
    void withoutAnySpaceChangesWait() throws Exception {
        var disk = new FullDisk(directory, 0, DISK_BYTES);
        CompletableFuture<Long> waiting;
        try (var quorum = start(disk)) {
            propose(quorum, "a").get(30, TimeUnit.SECONDS);
            disk.fill();
            waiting = propose(quorum, "b");
            assertThrows(TimeoutException.class, () -> waiting.get(1, TimeUnit.SECONDS));
            disk.free();
            waiting.get(30, TimeUnit.SECONDS);
            propose(quorum, "c").get(30, TimeUnit.SECONDS);
        }
        try (var quorum = start(disk())) {
            assertEquals(3, log.values().size());
        }
    }

    @Test
    void aNodeWhoseChangesWaitCanBeStopped() throws Exception {
        var disk = new FullDisk(directory, 0, DISK_BYTES);
        CompletableFuture<Long> waiting;
        try (var quorum = start(disk)) {
            disk.fill();
            waiting = propose(quorum, "a");
        }
        assertTrue(waiting.isCompletedExceptionally());
    }

    @Test
    void aStartWithoutAnySpaceSaysSo() throws Exception {
        start(new FullDisk(directory, 0, DISK_BYTES)).close();
        var full = disk();
        full.fill();
        var refusal = assertThrows(MetadataDiskFullException.class, () -> start(full));
        assertTrue(refusal.getMessage().contains("is full"), refusal.getMessage());
        assertFalse(refusal.getMessage().contains("orrupt"), refusal.getMessage());
    }
}
