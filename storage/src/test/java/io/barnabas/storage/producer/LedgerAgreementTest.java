package io.barnabas.storage.producer;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.record.EndTransactionMarker;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.RecordBatchBuilder;
import io.barnabas.storage.file.RealDisk;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.CompletedTxn;
import org.apache.kafka.storage.internals.log.ProducerAppendInfo;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The same batches to Kafka's own producer state and to ours: same outcome, same open transactions, same snapshots. */
class LedgerAgreementTest {
    private static final int SEEDS = Integer.getInteger("seeds", 30);
    private static final int STEPS = 400;
    private static final int EXPIRATION_MS = 10_000;

    /** Kept from being collected, so that the level stays. */
    private static final Logger KAFKA_LOG = Logger.getLogger("org.apache.kafka");

    @TempDir
    Path temporary;

    @BeforeAll
    static void quiet() {
        KAFKA_LOG.setLevel(Level.OFF);
    }

    @Test
    void sameOutcomes() throws IOException {
        long first = Long.getLong("seed", 1L);
        int accepted = 0;
        int others = 0;
        for (long seed = first; seed < first + SEEDS; seed++) {
            var pair = new Pair(seed, temporary);
            for (int step = 0; step < STEPS; step++) {
                pair.step("seed " + seed + " step " + step);
            }
            accepted += pair.log.size();
            others += pair.notAccepted;
        }
        assertTrue(accepted > 1_000 && others > 1_000, accepted + " accepted, " + others + " not");
    }

    private static final class Pair {
        final Random random;
        final Path ourDirectory;
        final Path kafkaDirectory;
        final ProducerLedger ours;
        final ProducerStateManager kafka;
        final List<ByteBuffer> log = new ArrayList<>();
        int notAccepted;
        long end;
        long nowMs = 1_000_000;
        ByteBuffer last;

        Pair(long seed, Path root) throws IOException {
            random = new Random(seed);
            ourDirectory = Files.createDirectories(root.resolve("ours" + seed).resolve("t-0"));
            kafkaDirectory =
                    Files.createDirectories(root.resolve("kafka" + seed).resolve("t-0"));
            ours = new ProducerLedger(
                    new RealDisk(),
                    ourDirectory,
                    new TopicPartition("t", 0),
                    new ProducerSettings(EXPIRATION_MS, false));
            kafka = new ProducerStateManager(
                    new org.apache.kafka.common.TopicPartition("t", 0),
                    kafkaDirectory.toFile(),
                    60_000,
                    new ProducerStateManagerConfig(EXPIRATION_MS, false),
                    clock());
        }

        /** Kafka notes by its clock when a verification began, and expires it by the time it is told. */
        private Time clock() {
            return (Time) Proxy.newProxyInstance(
                    Time.class.getClassLoader(), new Class<?>[] {Time.class}, (proxy, method, arguments) -> nowMs);
        }

        void step(String context) throws IOException {
            nowMs += random.nextInt(200);
            switch (random.nextInt(24)) {
                case 0 -> snapshot(context);
                case 1 -> truncate();
                case 2 -> {
                    ours.expire(nowMs);
                    kafka.removeExpiredProducers(nowMs);
                }
                case 3, 4 -> {
                    long highWatermark = end - random.nextInt(20);
                    ours.highWatermark(highWatermark);
                    kafka.onHighWatermarkUpdated(highWatermark);
                }
                case 5 -> verify();
                case 6, 7, 8 -> offer(marker(), true, context);
                case 9, 10 -> {
                    if (last != null) {
                        offer(last, false, context);
                    }
                }
                default -> offer(data(), false, context);
            }
            assertEquals(
                    kafka.firstUnstableOffset()
                            .map(offset -> offset.messageOffset)
                            .orElse(-1L),
                    ours.firstUnstableOffset(),
                    context);
            assertEquals(kafka.producerIdCount(), ours.producerCount(), context);
            assertEquals(kafka.mapEndOffset(), ours.endOffset(), context);
        }

        private void verify() {
            long id = random.nextInt(4);
            int sequence = random.nextInt(6);
            short epoch = (short) random.nextInt(3);
            boolean bumps = random.nextBoolean();
            var entry = kafka.activeProducers().get(id);
            boolean stale = entry != null && epoch < entry.producerEpoch();
            boolean open = entry != null && entry.currentTxnFirstOffset().isPresent() && entry.producerEpoch() == epoch;
            if (!stale && !open) {
                kafka.maybeCreateVerificationStateEntry(id, sequence, epoch, bumps);
            }
            long guard = ours.startVerification(id, epoch, sequence, bumps, nowMs);
            assertEquals(stale, guard == ProducerLedger.STALE_EPOCH);
            assertEquals(open, guard == ProducerLedger.NO_GUARD);
        }

        private ByteBuffer data() {
            long id = random.nextInt(4);
            var entry = kafka.activeProducers().get(id);
            short epoch = (short) random.nextInt(3);
            int sequence = random.nextInt(4);
            boolean transactional = random.nextInt(4) == 0;
            if (entry != null && random.nextInt(5) > 0) {
                epoch = entry.producerEpoch();
                var batches = new ArrayList<>(entry.batchMetadata());
                sequence = batches.isEmpty()
                        ? 0
                        : RecordBatch.sequenceAfter(
                                batches.get(batches.size() - 1).lastSeq(), 1);
                transactional = random.nextInt(6) == 0
                        ? transactional
                        : entry.currentTxnFirstOffset().isPresent() || transactional;
            } else if (random.nextInt(4) == 0) {
                sequence = Integer.MAX_VALUE - random.nextInt(4);
            }
            var builder = new RecordBatchBuilder().producer(id, epoch, sequence);
            if (transactional) {
                builder.transactional();
            }
            for (int count = 1 + random.nextInt(5); count > 0; count--) {
                builder.append(nowMs, null, new byte[] {1});
            }
            return last = builder.build();
        }

        private ByteBuffer marker() {
            long id = random.nextInt(4);
            var entry = kafka.activeProducers().get(id);
            int epoch = entry == null ? random.nextInt(3) : Math.max(0, entry.producerEpoch() + random.nextInt(3) - 1);
            return new EndTransactionMarker(random.nextBoolean(), random.nextInt(4)).toBatch(id, (short) epoch, nowMs);
        }

        private void offer(ByteBuffer bytes, boolean marker, String context) throws IOException {
            var origin =
                    switch (random.nextInt(marker ? 2 : 8)) {
                        case 0 -> AppendOrigin.REPLICATION;
                        case 1 -> AppendOrigin.COORDINATOR;
                        default -> AppendOrigin.CLIENT;
                    };
            short version = marker && origin != AppendOrigin.REPLICATION ? (short) random.nextInt(3) : -1;
            var batch = new RecordBatch().wrap(bytes, 0);
            batch.baseOffset(end);
            var check =
                    switch (origin) {
                        case CLIENT -> ours.checkClient(batch, ProducerLedger.NO_GUARD);
                        case COORDINATOR -> ours.checkCoordinator(batch, ProducerLedger.NO_GUARD, version);
                        default -> ours.checkReplicated(batch);
                    };
            var updates = new HashMap<Long, ProducerAppendInfo>();
            var completed = Optional.<CompletedTxn>empty();
            var theirs =
                    MemoryRecords.readableRecords(bytes).batches().iterator().next();
            String expected = "ok";
            var duplicate = origin == AppendOrigin.CLIENT ? duplicate(batch) : Optional.<String>empty();
            if (duplicate.isPresent()) {
                expected = duplicate.get();
            } else {
                try {
                    completed = UnifiedLog.updateProducers(kafka, theirs, updates, Optional.empty(), origin, version);
                } catch (ApiException e) {
                    expected = Errors.forException(e).name();
                }
            }
            assertEquals(expected, text(check), context + " " + origin);
            if (!(check instanceof ProducerCheck.Accept)) {
                notAccepted++;
                return;
            }
            updates.values().forEach(kafka::update);
            var expectedEnd = completed.map(txn -> new CompletedTransaction(
                    txn.producerId(),
                    txn.firstOffset(),
                    txn.lastOffset(),
                    txn.isAborted(),
                    kafka.lastStableOffset(txn)));
            completed.ifPresent(kafka::completeTxn);
            assertEquals(expectedEnd, ours.update(batch), context);
            end = batch.nextOffset();
            kafka.updateMapEndOffset(end);
            var copy = ByteBuffer.allocate(bytes.limit()).put(bytes.duplicate()).flip();
            log.add(copy);
        }

        private Optional<String> duplicate(RecordBatch batch) {
            var entry = kafka.activeProducers().get(batch.producerId());
            if (entry == null || entry.producerEpoch() != batch.producerEpoch()) {
                return Optional.empty();
            }
            return entry.batchMetadata().stream()
                    .filter(known ->
                            known.firstSeq() == batch.baseSequence() && known.lastSeq() == batch.lastSequence())
                    .findFirst()
                    .map(known -> known.firstOffset() + "-" + known.lastOffset() + "@" + known.timestamp());
        }

        private static String text(ProducerCheck check) {
            if (check instanceof ProducerCheck.Duplicate duplicate) {
                return duplicate.baseOffset() + "-" + duplicate.lastOffset() + "@" + duplicate.timestampMs();
            }
            if (check instanceof ProducerCheck.Reject reject) {
                assertTrue(reject.message().length() > 20);
                assertTrue(reject.error() != ErrorCode.NONE);
                return reject.error().name();
            }
            return "ok";
        }

        private void snapshot(String context) throws IOException {
            boolean written = ours.takeSnapshot(end, true);
            var theirs = kafka.takeSnapshot(true);
            assertEquals(theirs.isPresent(), written, context);
            if (written) {
                var name = "%020d.snapshot".formatted(end);
                assertEquals(describe(kafkaDirectory.resolve(name)), describe(ourDirectory.resolve(name)), context);
                assertEquals(Files.size(kafkaDirectory.resolve(name)), Files.size(ourDirectory.resolve(name)), context);
            }
        }

        private static TreeSet<String> describe(Path snapshot) throws IOException {
            var producers = new TreeSet<String>();
            ProducerStateManager.readSnapshot(snapshot.toFile()).forEach(entry -> producers.add(entry.toString()));
            return producers;
        }

        private void truncate() throws IOException {
            if (log.isEmpty()) {
                return;
            }
            int kept = log.size() - random.nextInt(Math.min(log.size(), 12));
            log.subList(kept, log.size()).clear();
            end = kept == 0 ? 0 : new RecordBatch().wrap(log.get(kept - 1), 0).nextOffset();
            kafka.truncateAndReload(0, end, nowMs);
            long from = kafka.mapEndOffset();
            long ourFrom = ours.reload(0, end, nowMs);
            assertTrue(ourFrom == from || ourFrom == end);
            for (var bytes : log) {
                var batch = new RecordBatch().wrap(bytes, 0);
                if (batch.baseOffset() >= from) {
                    var updates = new HashMap<Long, ProducerAppendInfo>();
                    var theirs = MemoryRecords.readableRecords(bytes)
                            .batches()
                            .iterator()
                            .next();
                    var completed = UnifiedLog.updateProducers(
                            kafka, theirs, updates, Optional.empty(), AppendOrigin.REPLICATION, (short) 0);
                    updates.values().forEach(kafka::update);
                    completed.ifPresent(kafka::completeTxn);
                    if (batch.baseOffset() >= ourFrom) {
                        ours.update(batch);
                    }
                }
            }
            kafka.updateMapEndOffset(end);
        }
    }
}
