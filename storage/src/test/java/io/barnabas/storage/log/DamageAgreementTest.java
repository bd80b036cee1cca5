package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.storage.file.RealDisk;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

/**
 * One byte is wrong in the middle of an old segment, which no start looks at again. Whatever byte of the batch it is, a fetch at any
 * offset gets from our log what it gets from Apache Kafka's: the same bytes, whose checksum tells the client, or the same error. Only of a
 * batch that Kafka gives for its first record, but not for the later ones, we give the same for all.
 */
class DamageAgreementTest {
    private static final long NOW = 1_000_000;
    private static final int BATCHES = 12;
    private static final int RECORDS_A_BATCH = 2;
    private static final int BATCHES_A_SEGMENT = 4;
    private static final int MAGIC_AT = 16;

    @TempDir
    Path directory;

    private LogConfig config;
    private int batchBytes;

    private Path write() throws IOException {
        var original = directory.resolve("original");
        batchBytes = batch(0).remaining();
        config =
                LogConfig.builder().segmentBytes(BATCHES_A_SEGMENT * batchBytes).build();
        var store = StoredLogs.open(new RealDisk(), config, original);
        var log = store.create(StoredLogs.partition(0), config);
        for (int i = 0; i < BATCHES; i++) {
            assertInstanceOf(AppendResult.Appended.class, log.append(batch(i), 0, AppendOrigin.CLIENT, NOW));
        }
        log.advanceHighWatermark(BATCHES * RECORDS_A_BATCH);
        store.close();
        return original;
    }

    private static ByteBuffer batch(int number) {
        return Batches.of(record(NOW, "k", "value" + (char) ('a' + number)), record(NOW, "k", "again"));
    }

    @Test
    void readsAnswerAsKafkas() throws Exception {
        var original = write();
        var differences = new ArrayList<String>();
        // The second batch of the second segment.
        for (int at = 0; at < batchBytes; at++) {
            for (int flip : new int[] {1, 0x80}) {
                var name = "byte-" + at + "-" + flip;
                var theirs = theirs(damaged(original, "kafka-" + name, at, flip));
                var ours = ours(damaged(original, "ours-" + name, at, flip));
                for (int offset = 0; offset < theirs.size(); offset++) {
                    if (!theirs.get(offset).equals(ours.get(offset)) && !isKnown(at, offset, theirs, ours)) {
                        differences.add("byte " + at + " ^ " + flip + ", offset " + offset + ": Kafka "
                                + theirs.get(offset) + ", ours " + ours.get(offset));
                    }
                }
            }
        }
        assertEquals(List.of(), differences, () -> String.join("\n", differences));
    }

    /**
     * On its way to the second record of a batch Kafka stumbles over the bytes behind it, or, where the format's version is wrong, takes
     * the batch for one of a single record; though it gives the batch for the first record. From us it can be had for both.
     */
    private static boolean isKnown(int at, int offset, List<String> theirs, List<String> ours) {
        return offset % RECORDS_A_BATCH == 1
                && (at == MAGIC_AT || theirs.get(offset).equals(Errors.CORRUPT_MESSAGE.name()))
                && ours.get(offset).equals(theirs.get(offset - 1));
    }

    private Path damaged(Path original, String name, int at, int flip) throws IOException {
        var copy = directory.resolve(name);
        try (var files = Files.walk(original)) {
            for (var file : files.toList()) {
                Files.copy(file, copy.resolve(original.relativize(file).toString()));
            }
        }
        var segment =
                copy.resolve("topic-0").resolve(String.format("%020d.log", (long) BATCHES_A_SEGMENT * RECORDS_A_BATCH));
        var bytes = Files.readAllBytes(segment);
        assertEquals(BATCHES_A_SEGMENT * batchBytes, bytes.length);
        bytes[batchBytes + at] ^= (byte) flip;
        Files.write(segment, bytes);
        return copy;
    }

    private List<String> theirs(Path copy) throws Exception {
        try (var kafka = new KafkaLogs()) {
            var log = kafka.open(
                    copy.resolve("topic-0"), Map.of("internal.segment.bytes", "" + config.segmentBytes()), true);
            var answers = new ArrayList<String>();
            for (long offset = 0; offset < log.logEndOffset(); offset++) {
                answers.add(theirs(log, offset));
            }
            log.close();
            return answers;
        }
    }

    private static String theirs(UnifiedLog log, long offset) throws IOException {
        try {
            var read = log.read(offset, 1 << 20, FetchIsolation.LOG_END, true);
            var bytes = ByteBuffer.allocate(read.records.sizeInBytes());
            if (read.records instanceof FileRecords file) {
                file.readInto(bytes, 0);
            }
            return shown(bytes);
        } catch (RuntimeException e) {
            return Errors.forException(e).name();
        }
    }

    private List<String> ours(Path copy) throws IOException {
        var store = StoredLogs.open(new RealDisk(), config, copy);
        var log = store.log(new TopicPartition("topic", 0)).orElseThrow();
        var answers = new ArrayList<String>();
        for (long offset = 0; offset < log.view().logEndOffset(); offset++) {
            answers.add(ours(log, offset));
        }
        store.abandon();
        return answers;
    }

    private static String ours(PartitionLog log, long offset) throws IOException {
        try {
            var read = log.read(offset, 1 << 20, ReadIsolation.LOG_END, true);
            return read.error() == ErrorCode.NONE
                    ? shown(StoredLogs.bytes(read))
                    : read.error().name();
        } catch (CorruptRecordsException e) {
            return ErrorCode.CORRUPT_MESSAGE.name();
        }
    }

    private static String shown(ByteBuffer bytes) {
        return bytes.capacity() == 0
                ? "nothing"
                : bytes.capacity() + " bytes from " + bytes.getLong(0) + ", " + Arrays.hashCode(bytes.array());
    }
}
