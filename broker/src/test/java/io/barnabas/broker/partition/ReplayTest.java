package io.barnabas.broker.partition;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.broker.testing.Batches;
import io.barnabas.broker.testing.Damage;
import io.barnabas.broker.testing.HandRunPartitions;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.LogConfig;
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

    @TempDir
    Path logDir;

    private HandRunPartitions world;
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
        world = new HandRunPartitions(logDir);
    }

    @AfterEach
    void close() {
        world.close();
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
        Damage.ofBatchLength(logDir, NAME, 0, length);
        assertEquals("failed", fed().end);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 100_000, Integer.MAX_VALUE})
    void damageAtTheEndOfASegmentIsNoGap(int length) throws IOException {
        config = LogConfig.builder().segmentBytes(5_000).build();
        append(20, "x".repeat(1_000));
        var log = world.partitions().find(NAME).log();
        assertTrue(log.view().segmentCount() > 3);
        // The third batch of four.
        Damage.ofBatchLength(logDir, NAME, 2 * log.sizeBytes() / 20, length);
        var fed = fed();
        assertEquals("failed", fed.end);
        assertTrue(fed.offsets.size() >= 2, fed.offsets::toString);
    }

    @Test
    void withoutAThreadToReadItFails() {
        append(1, "x");
        var partition = lead();
        var fed = new Fed();
        partition
                .worker()
                .execute(() -> Replay.start(
                        partition,
                        task -> {
                            throw new IllegalStateException("no thread: on purpose");
                        },
                        fed));
        world.runAll();
        assertEquals("failed", fed.end);
    }

    private void restart() {
        world.close();
        open();
    }

    private Partition lead() {
        world.partitions()
                .keep(new TopicIdPartition(new Uuid(1, 2), "t", 0), new Leadership(1, ++epoch, true, 1), config, 1);
        world.runAll();
        return world.partitions().find(NAME);
    }

    private void append(int batches, String value) {
        var partition = lead();
        for (int i = 0; i < batches; i++) {
            partition
                    .worker()
                    .execute(() -> partition.append(
                            Batches.of(value), AppendOrigin.CLIENT, true, System.currentTimeMillis(), error -> {}));
            world.runAll();
        }
    }

    private Fed fed() {
        var partition = lead();
        var fed = new Fed();
        partition.worker().execute(() -> Replay.start(partition, world.threads()::add, fed));
        world.runAll();
        return fed;
    }
}
