package io.barnabas.storage.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.storage.file.Disk;

/**
 * The text that Kafka's checkpoint files share: a line with version 0, a line with the number of entries, one line per
 * entry, its fields apart by white space.
 */
public final class CheckpointText {
    private static final String VERSION = "0";
    private static final int HEADER_LINES = 2;

    private CheckpointText() {}

    /**
     * Fields of each entry; none for a file that is absent or empty, as a new directory has.
     *
     * @throws IOException if the file cannot be read or is no such checkpoint
     */
    public static List<String[]> read(Disk disk, Path file, int fieldsPerEntry) throws IOException {
        byte[] bytes;
        try {
            bytes = disk.readAll(file);
        } catch (NoSuchFileException e) {
            return List.of();
        }
        var lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        if (lines.isEmpty()) {
            return List.of();
        }
        if (!lines.get(0).equals(VERSION)) {
            throw damaged(file, "its first line should be the version " + VERSION + ", but is '" + lines.get(0) + "'");
        }
        if (lines.size() < HEADER_LINES) {
            return List.of();
        }
        long stated = number(file, lines.get(1));
        if (stated != lines.size() - HEADER_LINES) {
            throw damaged(file, "it states " + stated + " entries, but has " + (lines.size() - HEADER_LINES));
        }
        var entries = new ArrayList<String[]>(lines.size() - HEADER_LINES);
        for (var line : lines.subList(HEADER_LINES, lines.size())) {
            var fields = line.split("\\s+");
            if (fields.length != fieldsPerEntry) {
                throw damaged(file, "the line '" + line + "' should have " + fieldsPerEntry + " fields");
            }
            entries.add(fields);
        }
        return entries;
    }

    /** @throws IOException if a field of the file is no number */
    public static long number(Path file, String field) throws IOException {
        try {
            return Long.parseLong(field);
        } catch (NumberFormatException e) {
            throw damaged(file, "'" + field + "' should be a number");
        }
    }

    static IOException damaged(Path file, String problem) {
        return new IOException(file + " is damaged: " + problem);
    }

    /** Replaces the file, durably; old or new after a crash. */
    public static void write(Disk disk, Path file, List<String> entries) throws IOException {
        var text = new StringBuilder(16 + 32 * entries.size())
                .append(VERSION)
                .append('\n')
                .append(entries.size())
                .append('\n');
        for (var entry : entries) {
            text.append(entry).append('\n');
        }
        disk.replace(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
