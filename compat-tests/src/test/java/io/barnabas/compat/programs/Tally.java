package io.barnabas.compat.programs;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What consumers have read, and whether it is exactly what went in. */
final class Tally {
    private final Map<Integer, List<Read>> byPartition = new HashMap<>();
    private long records;

    private record Read(long offset, TextLines.Line line) {}

    /** Takes the records of one consumer in the order it read them: within a partition, offsets rise. */
    final class Reader {
        private final Map<Integer, Long> lastOffset = new HashMap<>();

        void read(int partition, long offset, String key, String value) {
            Long last = lastOffset.put(partition, offset);
            if (last != null && last >= offset) {
                throw new AssertionError("partition " + partition + ": offset " + offset + " came after " + last);
            }
            byPartition
                    .computeIfAbsent(partition, p -> new ArrayList<>())
                    .add(new Read(offset, new TextLines.Line(key, value)));
            records++;
        }
    }

    Reader reader() {
        return new Reader();
    }

    /** Nothing is lost, nothing doubled, the order of every key kept, no offset without a record. */
    void assertExactly(TextLines input, int partitions) {
        assertEquals(input.lines().size(), records, "records read");
        assertEquals(partitions, byPartition.size(), "partitions with records");
        Map<String, Integer> next = new HashMap<>();
        List<String> content = new ArrayList<>(input.lines().size());
        byPartition.forEach((partition, reads) -> {
            reads.sort(Comparator.comparingLong(Read::offset));
            for (int i = 0; i < reads.size(); i++) {
                Read read = reads.get(i);
                assertEquals(i, read.offset(), "offsets of partition " + partition);
                TextLines.Line line = read.line();
                int number =
                        Integer.parseInt(line.value().substring(0, line.value().indexOf(' ')));
                int expected = next.merge(line.key(), 1, Integer::sum) - 1;
                if (expected != number) {
                    throw new AssertionError("key " + line.key() + " in partition " + partition + " at offset "
                            + read.offset() + ": line " + number + " where " + expected + " was due");
                }
                content.add(line.joined());
            }
        });
        String expected = sha256OfSorted(
                input.lines().stream().map(TextLines.Line::joined).toList());
        String actual = sha256OfSorted(content);
        assertEquals(expected, actual, "SHA-256 of the sorted lines");
        System.out.printf(
                "%d lines of %s, %d keys, in per partition %s, SHA-256 of the sorted lines in and out: %s%n",
                records,
                input.source(),
                next.size(),
                byPartition.values().stream().map(List::size).toList(),
                actual);
    }

    static String sha256OfSorted(List<String> lines) {
        try {
            String[] sorted = lines.toArray(String[]::new);
            Arrays.sort(sorted);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String line : sorted) {
                digest.update(line.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) '\n');
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
