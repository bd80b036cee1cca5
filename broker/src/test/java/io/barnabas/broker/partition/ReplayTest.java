package io.barnabas.broker.partition;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.broker.telemetry.Telemetry;
import io.barnabas.broker.testing.Batches;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.LogStoreConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a coordinator is fed of a real log, at once and after a restart; threads are run by hand. */
class ReplayTest {
    private static final TopicPartition NAME = new TopicPartition("t", 0);
    private static final int OFFSET_OF_BATCH_LENGTH = 8;

    @TempDir
    Path logDir;

    private final ArrayDeque<Runnable> threads = new ArrayDeque<>();
    private LogStore logs;
    private Partitions partitions;
    private LogConfig config = LogConfig.DEFAULTS;
    private int epoch;

    private static final class Fed implements Replay.Listener {
        private final List<Long> offsets = new ArrayList<>();
        private String end = "";

        @Override
        public void batch(RecordBatch batch) {
            assertEquals("", end);
            offsets.add(batch.baseOffset());
        }

        @Override
        public void finished() {
            end += "finished";
        }

        @Override
        public void failed() {
            end += "failed";
        }
    }

    @BeforeEach
    void open() {
        logs = LogStore.open(
                LogStoreConfig.builder(List.of(logDir), 1, "cluster").build(),
                new RealDisk(),
                System::currentTimeMillis);
        partitions =
                new Partitions(new Workers(1, threads::add, threads::add, logs::newGroupCommit), logs, new Telemetry());
    }

    @AfterEach
    void close() {
        logs.close();
    }

    /** Nothing is known of where batches end then: what is read at once may end inside of one. */
    @Test
    void aLongLogIsFedToTheEndAfterARestart() {
        append(300, "x".repeat(10_000));
        assertEquals(300, fed().offsets.size());
        restart();
        var fed = fed();
        assertEquals("finished", fed.end);
        assertEquals(300, fed.offsets.size());
        assertEquals(299, fed.offsets.get(299));
    }

    @Test
    void aBatchLargerThanWhatIsReadAtOnceIsFed() {
        config = LogConfig.builder().maxMessageBytes(4 << 20).build();
        append(1, "x");
        append(1, "x".repeat(3 << 20));
        append(1, "x");
        restart();
        var fed = fed();
        assertEquals("finished", fed.end);
        assertEquals(List.of(0L, 1L, 2L), fed.offsets);
    }

    /** Reads go past what is hidden by a batch that states a wrong length: a coordinator must not take it for never written. */
    @ParameterizedTest
    @ValueSource(ints = {0, 5, 100_000, Integer.MAX_VALUE})
    void damageIsNoEnd(int length) throws IOException {
        append(20, "x".repeat(1_000));
        damage(length, 0);
        assertEquals("failed", fed().end);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 100_000, Integer.MAX_VALUE})
    void damageAtTheEndOfASegmentIsNoGap(int length) throws IOException {
        config = LogConfig.builder().segmentBytes(5_000).build();
        append(20, "x".repeat(1_000));
        var view = partitions.find(NAME).log().view();
        assertTrue(view.segmentCount() > 3);
        // The third batch of four.
        damage(length, 2 * partitions.find(NAME).log().sizeBytes() / 20);
        var fed = fed();
        assertEquals("failed", fed.end);
        assertTrue(fed.offsets.size() >= 2, fed.offsets::toString);
    }

    private void damage(int length, long position) throws IOException {
        var file = logDir.resolve("t-0").resolve("00000000000000000000.log");
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(4).putInt(0, length), position + OFFSET_OF_BATCH_LENGTH);
        }
    }

    private void restart() {
        logs.close();
        threads.clear();
        open();
    }

    private Partition lead() {
        partitions.keep(new TopicIdPartition(new Uuid(1, 2), "t", 0), new Leadership(1, ++epoch, true, 1), config, 1);
        runAll();
        return partitions.find(NAME);
    }

    private void append(int batches, String value) {
        var partition = lead();
        for (int i = 0; i < batches; i++) {
            partition
                    .worker()
                    .execute(() -> partition.append(
                            Batches.of(value), AppendOrigin.CLIENT, true, System.currentTimeMillis(), error -> {}));
            runAll();
        }
    }

    private Fed fed() {
        var partition = lead();
        var fed = new Fed();
        partition.worker().execute(() -> Replay.start(partition, threads::add, fed));
        runAll();
        return fed;
    }

    private void runAll() {
        while (!threads.isEmpty()) {
            threads.poll().run();
        }
    }
}
