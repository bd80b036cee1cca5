package io.barnabas.storage.epoch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ScheduledFuture;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.barnabas.storage.file.RealDisk;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.server.util.Scheduler;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

class EpochAgreementTest {
    private static final int SEEDS = Integer.getInteger("seeds", 15);

    /** Kept from being collected, so that the level stays. */
    private static final Logger KAFKA_LOG = Logger.getLogger("org.apache.kafka");

    @TempDir
    Path temporary;

    @BeforeAll
    static void quiet() {
        KAFKA_LOG.setLevel(Level.OFF);
    }

    private static final class AtOnce implements Scheduler {
        @Override
        public void startup() {}

        @Override
        public void shutdown() {}

        @Override
        public void resizeThreadPool(int size) {}

        @Override
        public ScheduledFuture<?> schedule(String name, Runnable task, long delayMs, long periodMs) {
            task.run();
            return null;
        }
    }

    @Test
    void sameEpochsAsKafka() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var directory = Files.createDirectories(temporary.resolve("ours" + seed));
            var theirs =
                    Files.createDirectories(temporary.resolve("kafka" + seed).resolve("t-0"));
            var file = theirs.resolve(LeaderEpochs.FILE);
            var kafka = new LeaderEpochFileCache(
                    new TopicPartition("t", 0),
                    new LeaderEpochCheckpointFile(file.toFile(), new LogDirFailureChannel(1)),
                    new AtOnce());
            var ours = LeaderEpochs.load(new RealDisk(), directory);
            int epoch = 0;
            long offset = 0;
            for (int step = 0; step < 60; step++) {
                var context = "seed " + seed + " step " + step;
                switch (random.nextInt(8)) {
                    case 0 -> {
                        offset = Math.max(0, offset - random.nextInt(15));
                        kafka.truncateFromEndAsyncFlush(offset);
                        ours.truncateFromEnd(offset);
                    }
                    case 1 -> {
                        long start = Math.max(0, offset - random.nextInt(40));
                        kafka.truncateFromStartAsyncFlush(start);
                        ours.truncateFromStart(start);
                    }
                    case 2 -> {
                        int any = random.nextInt(epoch + 2);
                        long at = random.nextInt((int) offset + 5);
                        kafka.assign(any, at);
                        ours.assign(any, at);
                    }
                    default -> {
                        epoch += random.nextInt(3);
                        offset += random.nextInt(10);
                        kafka.assign(epoch, offset);
                        ours.assign(epoch, offset);
                    }
                }
                ours.flush();
                assertSame(kafka, ours, epoch, offset, context);
                if (Files.exists(directory.resolve(LeaderEpochs.FILE))) {
                    assertEquals(
                            Files.readString(file), Files.readString(directory.resolve(LeaderEpochs.FILE)), context);
                }
                if (random.nextInt(5) == 0) {
                    ours = LeaderEpochs.load(new RealDisk(), directory);
                }
            }
        }
    }

    private static void assertSame(
            LeaderEpochFileCache kafka, LeaderEpochs ours, int epoch, long offset, String context) {
        assertEquals(kafka.latestEpoch().map(OptionalInt::of).orElse(OptionalInt.empty()), ours.latest(), context);
        assertEquals(kafka.previousEpoch(), ours.previous(), context);
        for (int asked = -1; asked < epoch + 3; asked++) {
            var expected = kafka.endOffsetFor(asked, offset + 7);
            assertEquals(
                    new EpochEndOffset(expected.getKey(), expected.getValue()),
                    ours.endOffset(asked, offset + 7),
                    context + " epoch " + asked);
            assertEquals(kafka.previousEpoch(asked), ours.previous(asked), context);
        }
        for (long at = 0; at < offset + 3; at++) {
            assertEquals(kafka.epochForOffset(at), ours.epochAt(at), context + " offset " + at);
        }
    }
}
