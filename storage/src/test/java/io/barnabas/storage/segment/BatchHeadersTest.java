package io.barnabas.storage.segment;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.log.Batches;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class BatchHeadersTest {
    @TempDir
    Path directory;

    @Test
    void theSameHoweverMuchIsReadAtOnce() throws IOException {
        var record = Batches.record(1, "k", "v".repeat(20));
        try (var channel = FileChannel.open(
                directory.resolve("batches"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            channel.write(Batches.of(record, record));
            channel.write(Batches.idempotent(7, (short) 3, Integer.MAX_VALUE, record, record));
            channel.write(Batches.idempotent(7, (short) 3, 5, record, record, record));
            for (int readBytes : new int[] {61, 100, 4_096, 65_536}) {
                var headers = new BatchHeaders(channel, 0, (int) channel.size(), readBytes);
                assertTrue(headers.next());
                assertEquals(RecordBatch.NO_SEQUENCE, headers.lastSequence());
                assertTrue(headers.next());
                assertEquals(7, headers.producerId());
                assertEquals(0, headers.lastSequence());
                assertTrue(headers.next());
                assertEquals(7, headers.lastSequence());
                assertEquals(channel.size(), headers.endPosition());
                assertFalse(headers.next());
            }
        }
    }
}
