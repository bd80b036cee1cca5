package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.producer.AbortedTransaction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

/** Idempotence and transactions through a log and its restarts. */
class ProducersInLogTest {
    private static final long NOW = 1_000_000;
    private static final LogConfig CONFIG =
            LogConfig.builder().segmentBytes(400).indexIntervalBytes(100).build();

    @TempDir
    Path directory;

    private LogStore store;
    private PartitionLog log;

    @AfterEach
    void close() {
        store.abandon();
    }

    private void open() throws IOException {
        store = StoredLogs.open(new RealDisk(), CONFIG, directory);
        log = store.create(StoredLogs.partition(0), CONFIG);
    }

    private AppendResult append(ByteBuffer batch) throws IOException {
        return log.append(batch, 1, AppendOrigin.CLIENT, NOW);
    }

    private AppendResult idempotent(int epoch, int sequence) throws IOException {
        return append(Batches.idempotent(7, (short) epoch, sequence, record(NOW, "k", "v"), record(NOW + 1, "k", "v")));
    }

    private void rejected(ErrorCode error, AppendResult result) {
        assertEquals(
                error, assertInstanceOf(AppendResult.Rejected.class, result).error());
    }

    @Test
    void retriesAndGapsAreToldApartAlsoAfterRestarts() throws IOException {
        open();
        for (int i = 0; i < 10; i++) {
            assertEquals(new AppendResult.Appended(2 * i, 2 * i + 1, -1, 0), idempotent(0, 2 * i));
        }
        for (int restart = 0; restart < 3; restart++) {
            assertEquals(new AppendResult.Duplicate(18, 19, NOW + 1, 0), idempotent(0, 18));
            rejected(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, idempotent(0, 22));
            rejected(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, idempotent(1, 20));
            assertEquals(20, log.view().logEndOffset());
            if (restart == 0) {
                store.close();
            } else {
                store.abandon();
            }
            open();
            assertEquals(20, log.view().logEndOffset());
        }
        assertInstanceOf(AppendResult.Appended.class, idempotent(0, 20));
        assertInstanceOf(AppendResult.Appended.class, idempotent(1, 0));
        rejected(ErrorCode.INVALID_PRODUCER_EPOCH, idempotent(0, 22));
    }

    @Test
    void stagedBatchesCountBeforeTheyAreWritten() throws IOException {
        open();
        var batch = Batches.idempotent(7, (short) 0, 0, record(NOW, "k", "v"));
        log.stage(batch.duplicate(), 1, AppendOrigin.CLIENT, NOW);
        var again = Batches.idempotent(7, (short) 0, 0, record(NOW, "k", "v"));
        assertEquals(new AppendResult.Duplicate(0, 0, NOW, 0), log.stage(again, 1, AppendOrigin.CLIENT, NOW));
        log.writeStaged(NOW);
        assertEquals(1, log.view().logEndOffset());
    }

    @Test
    void truncationForgetsWhatItCuts() throws IOException {
        open();
        for (int i = 0; i < 10; i++) {
            idempotent(0, 2 * i);
        }
        log.truncateTo(12, NOW);
        assertEquals(new AppendResult.Duplicate(10, 11, NOW + 1, 0), idempotent(0, 10));
        assertEquals(new AppendResult.Appended(12, 13, -1, 0), idempotent(0, 12));
    }

    @Test
    void committedReadsStopAtOpenTransactionsAndNameAbortedOnes() throws IOException {
        open();
        append(Batches.of(record(NOW, "plain", "0")));
        append(Batches.transactional(7, (short) 0, 0, record(NOW, "a", "1")));
        append(Batches.transactional(8, (short) 0, 0, record(NOW, "b", "2")));
        log.advanceHighWatermark(3);
        assertEquals(1, log.view().lastStableOffset());
        end(7, false);
        log.advanceHighWatermark(4);
        assertEquals(2, log.view().lastStableOffset());
        end(8, true);
        assertEquals(2, log.view().lastStableOffset());
        log.advanceHighWatermark(5);
        assertEquals(5, log.view().lastStableOffset());
        for (int restart = 0; restart < 3; restart++) {
            var read = log.read(0, 10_000, ReadIsolation.COMMITTED, true);
            assertEquals(List.of(new AbortedTransaction(7, 1, 3, 2)), read.abortedTransactions());
            StoredLogs.bytes(read);
            read = log.read(0, 10_000, ReadIsolation.HIGH_WATERMARK, true);
            assertNull(read.abortedTransactions());
            StoredLogs.bytes(read);
            store.checkpoint();
            if (restart == 0) {
                store.close();
            } else {
                store.abandon();
            }
            open();
        }
    }

    private void end(long producerId, boolean commit) throws IOException {
        var marker = Batches.marker(producerId, (short) 0, commit, NOW);
        log.stage(marker, 1, AppendOrigin.COORDINATOR, 0, (short) 0, NOW);
        log.writeStaged(NOW);
    }
}
