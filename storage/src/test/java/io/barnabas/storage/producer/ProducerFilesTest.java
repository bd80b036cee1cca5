package io.barnabas.storage.producer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.RecordBatchBuilder;
import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.file.RealDisk;
import org.apache.kafka.storage.internals.log.AbortedTxn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ProducerFilesTest {
    @TempDir
    Path directory;

    private ProducerLedger ledger() {
        return new ProducerLedger(new RealDisk(), directory, new TopicPartition("t", 0), ProducerSettings.DEFAULT);
    }

    private static RecordBatch batch(long offset, int sequence) {
        var bytes = new RecordBatchBuilder()
                .baseOffset(offset)
                .producer(1, (short) 0, sequence)
                .append(1_000, null, new byte[1])
                .build();
        return new RecordBatch().wrap(bytes, 0);
    }

    @Test
    void aDamagedSnapshotIsDeletedAndAnOlderOneUsed() throws IOException {
        var ledger = ledger();
        ledger.update(batch(0, 0));
        assertTrue(ledger.takeSnapshot(1, true));
        ledger.update(batch(1, 1));
        assertTrue(ledger.takeSnapshot(2, true));
        assertFalse(ledger.takeSnapshot(2, true));
        var newest = directory.resolve("%020d.snapshot".formatted(2));
        var bytes = Files.readAllBytes(newest);
        bytes[bytes.length - 1] ^= 1;
        Files.write(newest, bytes);
        var again = ledger();
        assertEquals(1, again.reload(0, 2, 2_000));
        assertFalse(Files.exists(newest));
        assertInstanceOf(ProducerCheck.Duplicate.class, again.checkClient(batch(2, 0), ProducerLedger.NO_GUARD));
        assertInstanceOf(ProducerCheck.Accept.class, again.checkClient(batch(2, 1), ProducerLedger.NO_GUARD));
    }

    @Test
    void straySnapshotsGoButForTheNewest() throws IOException {
        var ledger = ledger();
        for (long offset = 1; offset <= 5; offset++) {
            ledger.takeSnapshot(offset, false);
        }
        ledger.deleteStraySnapshots(List.of(0L, 3L));
        assertEquals(OptionalLong.of(3), ledger.oldestSnapshotOffset());
        assertEquals(OptionalLong.of(5), ledger.latestSnapshotOffset());
        assertTrue(ledger.retireSnapshot(3).isPresent());
        ledger.deleteSnapshotsBefore(100);
        assertEquals(OptionalLong.empty(), ledger.latestSnapshotOffset());
    }

    @Test
    void unconfirmedTransactionsAreRefused() {
        var ledger = ledger();
        var bytes = new RecordBatchBuilder()
                .producer(1, (short) 0, 0)
                .transactional()
                .append(1_000, null, new byte[1])
                .build();
        var batch = new RecordBatch().wrap(bytes, 0);
        assertInstanceOf(ProducerCheck.Reject.class, ledger.checkClient(batch, ProducerLedger.NO_GUARD));
        long guard = ledger.startVerification(1, (short) 0, 0, true, 1_000);
        assertInstanceOf(ProducerCheck.Reject.class, ledger.checkClient(batch, guard + 1));
        assertInstanceOf(ProducerCheck.Accept.class, ledger.checkClient(batch, guard));
        ledger.update(batch);
        assertEquals(0, ledger.firstUnstableOffset());
        assertEquals(ProducerLedger.NO_GUARD, ledger.startVerification(1, (short) 0, 1, true, 1_000));
    }

    @Test
    void transactionIndexIsKafkas() throws IOException {
        var files = new OpenFiles(new RealDisk(), 4);
        var path = directory.resolve("%020d.txnindex".formatted(10));
        var index = new TransactionIndex(files.file(path), 10, 0);
        assertTrue(index.isEmpty());
        assertTrue(index.isSane());
        var all = List.of(
                new AbortedTransaction(1, 10, 15, 12),
                new AbortedTransaction(2, 12, 20, 21),
                new AbortedTransaction(3, 22, 30, 31));
        for (var transaction : all) {
            index.append(transaction);
        }
        assertThrows(IllegalArgumentException.class, () -> index.append(all.get(0)));
        try (var kafka = new org.apache.kafka.storage.internals.log.TransactionIndex(10, path.toFile())) {
            kafka.sanityCheck();
            assertEquals(
                    all.stream()
                            .map(t -> new AbortedTxn(
                                    t.producerId(), t.firstOffset(), t.lastOffset(), t.lastStableOffset()))
                            .toList(),
                    kafka.allAbortedTxns());
            for (long from = 5; from < 35; from++) {
                for (long to = from; to < 40; to++) {
                    var expected = kafka.collectAbortedTxns(from, to);
                    var found = new ArrayList<AbortedTransaction>();
                    assertEquals(expected.isComplete(), index.collectAborted(from, to, found));
                    assertEquals(
                            expected.abortedTransactions().stream()
                                    .map(AbortedTxn::producerId)
                                    .toList(),
                            found.stream().map(AbortedTransaction::producerId).toList());
                }
            }
        }
        var again = new TransactionIndex(files.file(path), 10, Files.size(path));
        again.truncateTo(20);
        assertEquals(TransactionIndex.ENTRY_SIZE_BYTES, Files.size(path));
        assertFalse(new TransactionIndex(files.file(path), 16, Files.size(path)).isSane());
    }
}
