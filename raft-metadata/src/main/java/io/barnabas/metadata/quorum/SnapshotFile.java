package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** The file of a snapshot: "BARNIMG1", the CRC-32C of the rest (int32), the listener's bytes. JRaft itself checks nothing. */
final class SnapshotFile {
    static final String NAME = "image";
    private static final long MAGIC = 0x4241524e494d4731L;
    private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;

    private SnapshotFile() {}

    static void write(Path file, byte[] snapshot) throws IOException {
        var content = ByteBuffer.allocate(HEADER_BYTES + snapshot.length);
        content.putLong(MAGIC).putInt(crcOf(snapshot, 0)).put(snapshot).flip();
        DurableFiles.write(file, content);
    }

    static byte[] read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw corrupt(file, "is missing");
        }
        var bytes = Files.readAllBytes(file);
        if (bytes.length < HEADER_BYTES
                || ByteBuffer.wrap(bytes).getLong() != MAGIC
                || ByteBuffer.wrap(bytes).getInt(Long.BYTES) != crcOf(bytes, HEADER_BYTES)) {
            throw corrupt(file, "is damaged");
        }
        return Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length);
    }

    private static RaftLogCorruptException corrupt(Path file, String what) {
        return new RaftLogCorruptException(
                "The metadata snapshot " + file + " " + what + ". Restore this node's metadata"
                        + " directory from a backup, or, where other voters are up to date, let it join anew.");
    }

    private static int crcOf(byte[] bytes, int from) {
        var crc = new CRC32C();
        crc.update(bytes, from, bytes.length - from);
        return (int) crc.getValue();
    }
}
