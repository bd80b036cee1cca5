package io.barnabas.storage.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32;

import io.barnabas.storage.dir.LogDirectoryException;

/**
 * Recognises messages in the formats v0 and v1, which Kafka wrote before 0.11, so that they are refused and not taken for
 * damage and cut off. Layout: offset int64, size int32, CRC-32 of what follows it, magic int8.
 */
final class OldFormat {
    private static final int LOG_OVERHEAD_BYTES = 12;
    private static final int CHECKED_FROM = 16;
    private static final int MAGIC_AT = 16;
    private static final int HEADER_BYTES = 17;
    private static final int SMALLEST_SIZE = 14;

    private OldFormat() {}

    /**
     * @param fileSizeBytes bytes of the file that count
     * @throws LogDirectoryException if there is an intact message of an old format at the position
     */
    static void refuse(FileChannel channel, Path file, long position, long fileSizeBytes) throws IOException {
        if (fileSizeBytes - position < HEADER_BYTES) {
            return;
        }
        var header = read(channel, position, HEADER_BYTES);
        int magic = header.get(MAGIC_AT);
        long sizeBytes = header.getInt(8);
        if (magic < 0
                || magic > 1
                || sizeBytes < SMALLEST_SIZE
                || sizeBytes > fileSizeBytes - position - LOG_OVERHEAD_BYTES) {
            return;
        }
        var crc = new CRC32();
        crc.update(read(channel, position + CHECKED_FROM, (int) sizeBytes - Integer.BYTES));
        if ((int) crc.getValue() == header.getInt(LOG_OVERHEAD_BYTES)) {
            throw new LogDirectoryException(
                    file + " holds messages in the format v" + magic + " (at position " + position
                            + "), which only Kafka before 4.0 writes and this broker cannot serve. Nothing was changed in it."
                            + " Copy the topic to a new one with the Kafka it comes from, or delete it there, and start again.");
        }
    }

    private static ByteBuffer read(FileChannel channel, long position, int sizeBytes) throws IOException {
        var bytes = ByteBuffer.allocate(sizeBytes);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new IOException("File ends at " + (position + bytes.position()));
            }
        }
        return bytes.flip();
    }
}
