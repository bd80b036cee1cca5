package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.file.SimulatedDisk;
import org.junit.jupiter.api.Test;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A copy is never all that a power loss leaves of a partition: it may be of records that the log was cut of meanwhile. */
class MovePowerLossTest {
    private static final long NOW = 1_000_000;
    private static final LogConfig CONFIG = LogConfig.builder().build();
    private static final TopicPartition NAME = new TopicPartition("topic", 0);
    private static final int SEEDS = 200;

    @Test
    void whatWasCutDoesNotComeBackWithTheCopy() throws Exception {
        int found = 0;
        for (int seed = 1; seed <= SEEDS; seed++) {
            var disk = new SimulatedDisk();
            var store = open(disk);
            var log = store.create(StoredLogs.partition(0), CONFIG);
            append(log, "cut");
            var move = store.move(log, StoredLogs.otherDirectory(store, log));
            assertTrue(move.copy(1_000, NOW) > 0);
            log.truncateTo(0, NOW);
            var expected = append(log, "written instead");
            var after = open(disk.crash(new Random(seed))).log(NAME);
            if (after.isPresent() && after.get().view().logEndOffset() > 0) {
                found++;
                assertEquals(
                        List.of(expected), StoredLogs.batches(after.get(), 0, 1_000), "after a crash of seed " + seed);
            }
        }
        assertTrue(found > 0, "nothing ever came through a crash");
    }

    private static LogStore open(SimulatedDisk disk) {
        return StoredLogs.open(disk, CONFIG, Path.of("/a"), Path.of("/b"));
    }

    private static ByteBuffer append(PartitionLog log, String value) throws IOException {
        var batch = Batches.of(record(NOW, "k", value));
        log.append(batch, 0, AppendOrigin.CLIENT, NOW);
        return batch.rewind();
    }
}
