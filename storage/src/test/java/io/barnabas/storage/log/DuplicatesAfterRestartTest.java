package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.producer.ActiveProducer;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

    private final List<Sent> sent = new ArrayList<>();
    private LogConfig config =
            LogConfig.builder().segmentBytes(700).indexIntervalBytes(100).build();
    private int valueBytes = 2;
    private SimulatedDisk disk = new SimulatedDisk();
    private LogStore store;
    private PartitionLog log;

    private record Sent(long producerId, int sequence, int count, long firstOffset) {}

    @BeforeEach
    void open() throws IOException {
        store = StoredLogs.open(disk, config, Path.of("/a"), Path.of("/b"));
        log = store.create(StoredLogs.partition(0), config);
    }

    @AfterEach
    void close() {
        store.abandon();
    }

    private void killed() throws IOException {
        disk = disk.killProcess();
        open();
    }

    private ByteBuffer batch(long producerId, int sequence, int count) {
        var records = new SimpleRecord[count];
        Arrays.fill(records, record(NOW + sequence, "k", "v".repeat(valueBytes)));
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
        var move = store.move(log, StoredLogs.otherDirectory(store, log));
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

    /** The snapshot of a move is on the disk, its deletion by the cut might not be. */
    @Test
    void aSnapshotThatWasCutDoesNotComeBackAfterAPowerLoss() throws Exception {
        for (int seed = 1; seed <= 50; seed++) {
            sent.clear();
            disk = new SimulatedDisk();
            open();
            for (int i = 0; i < 3; i++) {
                send(7);
            }
            move();
            send(7);
            log.truncateTo(sent.get(1).firstOffset(), NOW);
            sent.subList(1, sent.size()).clear();
            for (int i = 0; i < 3; i++) {
                send(8);
            }
            store.close();
            disk = disk.crash(new Random(seed));
            open();
            assertKnown(7, "seed " + seed);
            assertKnown(8, "seed " + seed);
            send(7);
            send(8);
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

    @Test
    void ofBatchesLargerThanAreLookedThroughAtOnce() throws IOException {
        store.abandon();
        config = LogConfig.builder().segmentBytes(3_000_000).build();
        valueBytes = 70_000;
        open();
        for (int i = 1; i <= BATCHES; i++) {
            send(7);
            append(Batches.of(record(NOW, "k", "v".repeat(50_000))), AppendOrigin.CLIENT);
        }
        store.close();
        open();
        assertKnown(7, "stopped");
    }

    @Test
    void whatASnapshotSaysIsLeftAsItIs() throws IOException {
        append(transactional(1, 0, 0), AppendOrigin.CLIENT);
        send(7);
        append(transactional(2, 0, 0), AppendOrigin.CLIENT);
        append(transactional(2, 0, 1), AppendOrigin.CLIENT);
        append(Batches.marker(2, (short) 0, true, NOW + 50), AppendOrigin.COORDINATOR);
        append(transactional(3, 0, 0), AppendOrigin.CLIENT);
        append(transactional(3, 0, 1), AppendOrigin.CLIENT);
        append(Batches.marker(3, (short) 1, false, NOW + 60), AppendOrigin.COORDINATOR);
        append(transactional(4, 0, 0), AppendOrigin.CLIENT);
        append(transactional(4, 1, 0), AppendOrigin.CLIENT);
        append(transactional(4, 1, 1), AppendOrigin.CLIENT);
        for (int i = 0; i < 10; i++) {
            send(7);
        }
        log.advanceLogStart(8);
        log.deleteSegmentsUpTo(log.deletableUpTo(NOW), NOW);
        log.skipTo(log.view().logEndOffset(), NOW);
        log.flush(NOW);
        store.checkpoint();
        var before = producers();
        assertEquals(Set.of(1L, 2L, 3L, 4L, 7L), ids(before));
        long lastStable = log.view().lastStableOffset();
        killed();
        assertEquals(before, producers());
        log.advanceHighWatermark(log.view().logEndOffset());
        assertEquals(lastStable, log.view().lastStableOffset());
        assertKnown(7, "killed");
        var again = log.append(transactional(4, 1, 0), 1, AppendOrigin.CLIENT, NOW);
        assertInstanceOf(AppendResult.Duplicate.class, again, again::toString);
        for (var stale : List.of(transactional(3, 0, 1), transactional(4, 0, 0))) {
            var result = log.append(stale, 1, AppendOrigin.CLIENT, NOW);
            assertInstanceOf(AppendResult.Rejected.class, result, result::toString);
        }
    }

    private void append(ByteBuffer batch, AppendOrigin origin) throws IOException {
        StoredLogs.append(log, batch, 1, origin, NOW);
    }

    private static ByteBuffer transactional(long producerId, int epoch, int sequence) {
        return Batches.transactional(producerId, (short) epoch, sequence, record(NOW + sequence, "k", "v"));
    }

    private Set<ActiveProducer> producers() {
        return new HashSet<>(log.state().producers.activeProducers());
    }

    private static Set<Long> ids(Set<ActiveProducer> producers) {
        return producers.stream().map(ActiveProducer::producerId).collect(Collectors.toSet());
    }
}
