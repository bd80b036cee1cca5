package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.storage.file.RealDisk;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.requests.ListOffsetsRequest;
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
    private static final int LENGTH_AT = 8;
    private static final int MAGIC_AT = 16;
    private static final int AFTER_THE_SEGMENT = 2 * BATCHES_A_SEGMENT * RECORDS_A_BATCH;
    private static final long STEP_MS = 5;
    private static final long LAST_MS = NOW + (BATCHES * RECORDS_A_BATCH - 1) * STEP_MS;

    @TempDir
    Path directory;

    private LogConfig config;
    private int batchBytes;

    /** @param stepMs from a record's timestamp to the next one's */
    private Path write(long stepMs) throws IOException {
        var original = directory.resolve("original");
        batchBytes = batch(0, stepMs).remaining();
        config =
                LogConfig.builder().segmentBytes(BATCHES_A_SEGMENT * batchBytes).build();
        var store = StoredLogs.open(new RealDisk(), config, original);
        var log = store.create(StoredLogs.partition(0), config);
        for (int i = 0; i < BATCHES; i++) {
            assertInstanceOf(AppendResult.Appended.class, log.append(batch(i, stepMs), 0, AppendOrigin.CLIENT, NOW));
        }
        log.advanceHighWatermark(BATCHES * RECORDS_A_BATCH);
        store.close();
        return original;
    }

    private static ByteBuffer batch(int number, long stepMs) {
        long first = NOW + number * RECORDS_A_BATCH * stepMs;
        return Batches.of(record(first, "k", "value" + (char) ('a' + number)), record(first + stepMs, "k", "again"));
    }

    /** What a log answers to one question after another. */
    private interface Questions<L> {
        List<String> ask(L log) throws IOException;
    }

    private interface Known {
        boolean is(int at, int question, List<String> theirs, List<String> ours);
    }

    @Test
    void readsAnswerAsKafkas() throws Exception {
        agree(0, DamageAgreementTest::theirReads, DamageAgreementTest::ourReads, DamageAgreementTest::isKnown);
    }

    @Test
    void lookupsByTimestampAnswerAsKafkas() throws Exception {
        agree(
                STEP_MS,
                DamageAgreementTest::theirLookups,
                DamageAgreementTest::ourLookups,
                DamageAgreementTest::isKnownOfLookups);
    }

    private void agree(long stepMs, Questions<UnifiedLog> askTheirs, Questions<PartitionLog> askOurs, Known known)
            throws Exception {
        var original = write(stepMs);
        var differences = new ArrayList<String>();
        // The second batch of the second segment.
        for (int at = 0; at < batchBytes; at++) {
            for (int flip : new int[] {1, 0x80}) {
                var name = "byte-" + at + "-" + flip;
                var theirs = theirs(damaged(original, "kafka-" + name, at, flip), askTheirs);
                var ours = ours(damaged(original, "ours-" + name, at, flip), askOurs);
                assertEquals(theirs.size(), ours.size());
                for (int i = 0; i < theirs.size(); i++) {
                    if (!theirs.get(i).equals(ours.get(i)) && !known.is(at, i, theirs, ours)) {
                        differences.add("byte " + at + " ^ " + flip + ", question " + i + ": Kafka " + theirs.get(i)
                                + ", ours " + ours.get(i));
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

    /**
     * The question is for the record of that offset. Where a length is too long, Kafka finds nothing, we what follows in the next segment, as
     * a fetch does. A batch of damaged records is corrupt to us whatever is damaged; to Kafka that depends, and what it comes to before
     * the damage it gives.
     */
    private static boolean isKnownOfLookups(int at, int question, List<String> theirs, List<String> ours) {
        boolean isPassedOver = at >= LENGTH_AT
                && at < LENGTH_AT + 4
                && theirs.get(question).equals("none")
                && ours.get(question).startsWith(AFTER_THE_SEGMENT + " of ");
        boolean isInTheBatch = question / RECORDS_A_BATCH == BATCHES_A_SEGMENT + 1;
        boolean isStricter = isInTheBatch && ours.get(question).equals(ErrorCode.CORRUPT_MESSAGE.name());
        boolean isMilder = ours.get(question).startsWith(question + " of ")
                && (at == MAGIC_AT || isInTheBatch && theirs.get(question).equals(Errors.INVALID_RECORD.name()));
        return isPassedOver || isStricter || isMilder;
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

    private List<String> theirs(Path copy, Questions<UnifiedLog> questions) throws Exception {
        try (var kafka = new KafkaLogs()) {
            var log = kafka.open(
                    copy.resolve("topic-0"), Map.of("internal.segment.bytes", "" + config.segmentBytes()), true);
            var answers = questions.ask(log);
            log.close();
            return answers;
        }
    }

    private static List<String> theirReads(UnifiedLog log) throws IOException {
        var answers = new ArrayList<String>();
        for (long offset = 0; offset < log.logEndOffset(); offset++) {
            answers.add(theirs(log, offset));
        }
        return answers;
    }

    private static List<String> theirLookups(UnifiedLog log) throws IOException {
        var answers = new ArrayList<String>();
        for (long timestamp : timestamps()) {
            try {
                answers.add(log.fetchOffsetByTimestamp(timestamp, Optional.empty())
                        .timestampAndOffsetOpt()
                        .map(found -> found.offset + " of " + found.timestamp)
                        .orElse("none"));
            } catch (RuntimeException e) {
                answers.add(Errors.forException(e).name());
            }
        }
        return answers;
    }

    /** Of every record, of none, and for the largest. */
    private static List<Long> timestamps() {
        var all = new ArrayList<Long>();
        for (long timestamp = NOW - 1; timestamp <= LAST_MS + STEP_MS; timestamp += STEP_MS) {
            all.add(timestamp);
        }
        all.add(ListOffsetsRequest.MAX_TIMESTAMP);
        return all;
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

    private List<String> ours(Path copy, Questions<PartitionLog> questions) throws IOException {
        var store = StoredLogs.open(new RealDisk(), config, copy);
        var answers = questions.ask(store.log(new TopicPartition("topic", 0)).orElseThrow());
        store.abandon();
        return answers;
    }

    private static List<String> ourReads(PartitionLog log) throws IOException {
        var answers = new ArrayList<String>();
        for (long offset = 0; offset < log.view().logEndOffset(); offset++) {
            answers.add(ours(log, offset));
        }
        return answers;
    }

    private static List<String> ourLookups(PartitionLog log) throws IOException {
        var answers = new ArrayList<String>();
        for (long timestamp : timestamps()) {
            try {
                var found = timestamp == ListOffsetsRequest.MAX_TIMESTAMP
                        ? log.offsetOfMaxTimestamp()
                        : log.offsetForTimestamp(timestamp);
                answers.add(
                        found.equals(TimestampOffset.NONE) ? "none" : found.offset() + " of " + found.timestampMs());
            } catch (CorruptRecordsException e) {
                answers.add(ErrorCode.CORRUPT_MESSAGE.name());
            } catch (IOException | RuntimeException e) {
                answers.add(e.getClass().getSimpleName());
            }
        }
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
