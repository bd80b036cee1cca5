package io.barnabas.storage.segment;

import java.io.IOException;
import java.nio.file.Path;

import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.file.RealDisk;
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
        var file = new OpenFiles(new RealDisk(), 1).file(directory.resolve("batches"));
        var channel = file.acquireOrCreate();
        channel.write(Batches.of(record, record));
        channel.write(Batches.idempotent(7, (short) 3, Integer.MAX_VALUE, record, record));
        channel.write(Batches.idempotent(7, (short) 3, 5, record, record, record));
        int sizeBytes = (int) channel.size();
        file.release();
        for (int readBytes : new int[] {61, 100, 4_096, 65_536}) {
            try (var headers = new BatchHeaders(file, 0, sizeBytes, readBytes)) {
                assertTrue(headers.next());
                assertEquals(RecordBatch.NO_SEQUENCE, headers.lastSequence());
                assertTrue(headers.next());
                assertEquals(7, headers.producerId());
                assertEquals(0, headers.lastSequence());
                assertTrue(headers.next());
                assertEquals(7, headers.lastSequence());
                assertEquals(sizeBytes, headers.endPosition());
                assertFalse(headers.next());
            }
        }
        file.discard();
    }
}
