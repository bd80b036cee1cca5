package io.barnabas.broker.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import io.barnabas.protocol.TopicPartition;

/** What a bad disk does to logs. */
public final class Damage {
    private static final int OFFSET_OF_BATCH_LENGTH = 8;

    private Damage() {}

    /**
     * Lets a batch state a length that is not its own.
     *
     * @param position of the batch in the first segment
     */
    public static void ofBatchLength(Path logDir, TopicPartition partition, long position, int length)
            throws IOException {
        var file =
                logDir.resolve(partition.topic() + "-" + partition.partition()).resolve("00000000000000000000.log");
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(4).putInt(0, length), position + OFFSET_OF_BATCH_LENGTH);
        }
    }
}
