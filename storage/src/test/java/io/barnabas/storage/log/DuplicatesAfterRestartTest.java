package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.storage.file.RealDisk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

/**
 * A producer that did not hear of its last five batches sends them again, in their order, to a log that was opened again meanwhile. Each
 * is known, wherever the newest producer snapshot lies: it has only the last batch of each producer.
 */
class DuplicatesAfterRestartTest {
    private static final long NOW = 1_000_000;
    private static final int IN_FLIGHT = 5;
    /** Enough for several segments, so that snapshots lie before, between and after the batches sent again. */
    private static final int BATCHES = 24;

    private static final LogConfig CONFIG =
            LogConfig.builder().segmentBytes(700).indexIntervalBytes(100).build();

    @TempDir
    Path home;

    private final List<Sent> sent = new ArrayList<>();
    private LogStore store;
    private PartitionLog log;

    private record Sent(long producerId, int sequence, int count, long firstOffset) {}

    @BeforeEach
    void open() throws IOException {
        store = StoredLogs.open(new RealDisk(), CONFIG, home.resolve("a"), home.resolve("b"));
        log = store.create(StoredLogs.partition(0), CONFIG);
    }

    @AfterEach
    void close() {
        store.abandon();
    }

    private void killed() throws IOException {
        store.abandon();
        open();
    }

    private static ByteBuffer batch(long producerId, int sequence, int count) {
        var records = new org.apache.kafka.common.record.internal.SimpleRecord[count];
        for (int i = 0; i < count; i++) {
            records[i] = record(NOW + sequence, "k", "v" + i);
        }
        return Batches.idempotent(producerId, (short) 0, sequence, records);
    }

    private void send(long producerId) throws IOException {
        int sequence = sent(producerId).stream().mapToInt(Sent::count).sum();
        int count = 1 + sent.size() % 3;
        var result = log.append(batch(producerId, sequence, count), 1, AppendOrigin.CLIENT, NOW);
        long first = assertInstanceOf(AppendResult.Appended.class, result, result::toString)
                .baseOffset();
        sent.add(new Sent(producerId, sequence, count, first));
        log.advanceHighWatermark(log.view().logEndOffset());
    }

    private List<Sent> sent(long producerId) {
        return sent.stream().filter(each -> each.producerId() == producerId).toList();
    }

    private void assertKnown(long producerId, String context) throws IOException {
        var all = sent(producerId);
        for (var each : all.subList(Math.max(0, all.size() - IN_FLIGHT), all.size())) {
            var again = batch(producerId, each.sequence(), each.count());
            long last = each.firstOffset() + each.count() - 1;
            assertEquals(
                    new AppendResult.Duplicate(
                            each.firstOffset(),
                            last,
                            NOW + each.sequence(),
                            log.view().logStartOffset()),
                    log.append(again, 1, AppendOrigin.CLIENT, NOW),
                    context + ": " + each);
        }
    }

    private void move() throws Exception {
        var target = store.directories().stream()
                .filter(each -> each != log.directory())
                .findFirst()
                .orElseThrow();
        var move = store.move(log, target);
        while (move.copy(300, NOW) > 0) {}
        move.prepare(NOW);
        log = move.swap(NOW);
        store.checkpoint();
    }

    @Test
    void afterAKillWhereverTheSnapshotIs() throws IOException {
        for (int i = 1; i <= BATCHES; i++) {
            send(7);
            killed();
            assertKnown(7, "killed after " + i);
        }
    }

    @Test
    void afterAKillRightAfterARoll() throws IOException {
        for (int i = 1; i <= BATCHES; i++) {
            send(7);
        }
        log.skipTo(log.view().logEndOffset(), NOW);
        killed();
        assertKnown(7, "rolled");
    }

    @Test
    void whereTheRecoveryPointIsAtTheSnapshot() throws IOException {
        for (int i = 1; i <= BATCHES; i++) {
            send(7);
        }
        log.skipTo(log.view().logEndOffset(), NOW);
        log.flush(NOW);
        store.checkpoint();
        assertEquals(log.view().logEndOffset(), log.writtenRecoveryPoint());
        killed();
        assertKnown(7, "rolled, flushed, checkpointed");
    }

    @Test
    void afterAKillRightAfterAMove() throws Exception {
        for (int i = 1; i <= BATCHES; i++) {
            send(7);
            if (i % 3 == 0) {
                move();
            }
            killed();
            assertKnown(7, "killed after " + i);
        }
    }

    @Test
    void afterACleanStop() throws IOException {
        for (int i = 1; i <= BATCHES; i++) {
            send(7);
            store.close();
            open();
            assertKnown(7, "stopped after " + i);
        }
    }

    @Test
    void afterACutToWhereASnapshotIs() throws IOException {
        for (int i = 1; i <= BATCHES; i++) {
            send(7);
        }
        while (sent.size() > 1) {
            long offset = sent.remove(sent.size() - 1).firstOffset();
            log.truncateTo(offset, NOW);
            assertKnown(7, "cut to " + offset);
        }
    }

    @Test
    void ofEachOfManyProducers() throws IOException {
        for (int i = 1; i <= BATCHES; i++) {
            for (long producerId = 1; producerId <= 1 + i % 4; producerId++) {
                send(producerId);
            }
            killed();
            for (long producerId = 1; producerId <= 4; producerId++) {
                assertKnown(producerId, "killed after " + i);
            }
        }
    }
}
