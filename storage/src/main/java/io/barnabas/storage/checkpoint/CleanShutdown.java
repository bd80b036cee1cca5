package io.barnabas.storage.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Pattern;

import io.barnabas.storage.file.Disk;

/**
 * The marker that a log directory was closed whole: {@code .kafka_cleanshutdown}, JSON with version 0 and the broker's
 * epoch (KIP-966). While it is there, nothing needs to be scanned.
 */
public final class CleanShutdown {
    public static final String FILE = ".kafka_cleanshutdown";
    public static final long UNKNOWN_EPOCH = -1;

    private static final Pattern EPOCH = Pattern.compile("\"brokerEpoch\"\\s*:\\s*(-?\\d{1,19})");

    private CleanShutdown() {}

    /** As the last step of closing a directory; durable. */
    public static void mark(Disk disk, Path logDirectory, long brokerEpoch) throws IOException {
        var text = "{\"version\":0,\"brokerEpoch\":" + brokerEpoch + "}";
        disk.replace(logDirectory.resolve(FILE), text.getBytes(StandardCharsets.UTF_8));
    }

    /** The epoch the broker had; empty if there is no marker or it does not tell. */
    public static OptionalLong brokerEpoch(Disk disk, Path logDirectory) throws IOException {
        byte[] bytes;
        try {
            bytes = disk.readAll(logDirectory.resolve(FILE));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        }
        var found = EPOCH.matcher(new String(bytes, StandardCharsets.UTF_8));
        try {
            return found.find() ? OptionalLong.of(Long.parseLong(found.group(1))) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * Removes the marker, durably, before the first write of this run: a crash later must not look like a clean end.
     *
     * @return whether there was one
     */
    public static boolean consume(Disk disk, Path logDirectory) throws IOException {
        if (!disk.delete(logDirectory.resolve(FILE))) {
            return false;
        }
        disk.forceDirectory(logDirectory);
        return true;
    }
}
