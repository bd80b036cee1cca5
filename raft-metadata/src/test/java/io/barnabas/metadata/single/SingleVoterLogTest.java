package io.barnabas.metadata.single;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

import io.barnabas.metadata.controller.CommittedMetadata;
import io.barnabas.metadata.controller.RecordBatchCodec;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.metadata.TopicRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SingleVoterLogTest {
    @TempDir
    Path dir;

    private static byte[] topic(String name) {
        return RecordBatchCodec.encode(List.of(new TopicRecord().name(name).topicId(Uuid.random())));
    }

    private MetadataImage writeTwo() throws IOException {
        var committed = new CommittedMetadata();
        try (var log = SingleVoterLog.open(dir, committed, failure -> {})) {
            assertEquals(1, log.propose(topic("a"), 1).toCompletableFuture().join());
            assertEquals(2, log.propose(topic("b"), 1).toCompletableFuture().join());
        }
        return committed.image();
    }

    private MetadataImage reopened() throws IOException {
        var committed = new CommittedMetadata();
        SingleVoterLog.open(dir, committed, failure -> {}).close();
        return committed.image();
    }

    @Test
    void whatWasCommittedIsThereAfterARestart() throws IOException {
        assertEquals(writeTwo(), reopened());
        assertEquals(2, reopened().topics().size());
    }

    @Test
    void aTornTailIsCutAndWritingGoesOn() throws IOException {
        writeTwo();
        var file = dir.resolve("barnabas-metadata.log");
        Files.write(file, new byte[] {0, 0, 0, 40, 1, 2, 3, 4, 5}, StandardOpenOption.APPEND);
        var committed = new CommittedMetadata();
        try (var log = SingleVoterLog.open(dir, committed, failure -> {})) {
            assertEquals(2, committed.image().topics().size());
            assertEquals(3, log.propose(topic("c"), 1).toCompletableFuture().join());
        }
        assertEquals(3, reopened().topics().size());
    }

    @Test
    void everyPrefixOfTheFileOpensAsAPrefixOfTheMetadata() throws IOException {
        writeTwo();
        var file = dir.resolve("barnabas-metadata.log");
        var whole = Files.readAllBytes(file);
        for (int length = whole.length; length >= 0; length--) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            assertTrue(reopened().topics().size() <= 2);
        }
    }

    @Test
    void aGrownFileIsRewrittenAsASnapshot() throws IOException {
        var committed = new CommittedMetadata();
        var batch = new java.util.ArrayList<TopicRecord>();
        for (int i = 0; i < 60_000; i++) {
            batch.add(
                    new TopicRecord().name("topic-with-quite-a-long-name-" + i).topicId(Uuid.random()));
        }
        try (var log = SingleVoterLog.open(dir, committed, failure -> {})) {
            for (int from = 0; from < batch.size(); from += 1_000) {
                log.propose(RecordBatchCodec.encode(batch.subList(from, from + 1_000)), 1)
                        .toCompletableFuture()
                        .join();
            }
        }
        long last = committed.image().index();
        var again = reopened();
        assertEquals(60_000, again.topics().size());
        assertEquals(last, again.index());
        assertEquals(again, reopened());
    }

    @Test
    void aSecondOneIsRefused() throws IOException {
        try (var log = SingleVoterLog.open(dir, new CommittedMetadata(), failure -> {})) {
            var refused = assertThrows(
                    IOException.class, () -> SingleVoterLog.open(dir, new CommittedMetadata(), failure -> {}));
            assertTrue(refused.getMessage().contains("another process"), refused.getMessage());
            assertEquals(1, log.propose(topic("a"), 1).toCompletableFuture().join());
        }
    }
}
