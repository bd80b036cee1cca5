package io.barnabas.compat.programs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import static io.barnabas.compat.programs.Program.DUMP_LOG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What lies in a stopped broker's data directory, for Kafka's tools and for the other broker. */
final class PartitionFolders {
    static final String OFFSETS_TOPIC = "__consumer_offsets";
    private static final Pattern FIRST_OFFSET_REMARK =
            Pattern.compile("Non-consecutive offsets in .*/0*(\\d+)\\.log\n  -1 is followed by \\1\n");

    private PartitionFolders() {}

    /** The folders of the stock's topics and of the groups' offsets. */
    static List<Path> ofStock(Path dataDir) {
        return matching(dataDir, "(" + OFFSETS_TOPIC + "|stock-.*)-\\d+");
    }

    static List<Path> of(Path dataDir, String topic) {
        return matching(dataDir, Pattern.quote(topic) + "-\\d+");
    }

    private static List<Path> matching(Path dataDir, String name) {
        try (var entries = Files.list(dataDir)) {
            return entries.filter(Files::isDirectory)
                    .filter(entry -> entry.getFileName().toString().matches(name))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> files(Path partition, String suffix) {
        try (var entries = Files.list(partition)) {
            return entries.filter(entry -> entry.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder's files become the other's, but the topic id stays. */
    static void replaceContent(Path from, Path to) throws IOException {
        assertTrue(Files.isDirectory(to), () -> to + " is a partition here too");
        for (Path file : files(to, "")) {
            if (!file.endsWith("partition.metadata")) {
                Files.delete(file);
            }
        }
        for (Path file : files(from, "")) {
            if (!file.endsWith("partition.metadata")) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** kafka-dump-log finds nothing to complain about. */
    static Outcome dump(List<Path> files, String... options) {
        Outcome outcome = dumpAnyway(files, options);
        assertEquals("", complaints(outcome.err()));
        return outcome;
    }

    /** What kafka-dump-log complains about. */
    static String remarks(List<Path> files) {
        return complaints(dumpAnyway(files).err());
    }

    /** Runs kafka-dump-log, which has remarks on gaps: compacted segments are full of them. */
    static Outcome dumpAnyway(List<Path> files, String... options) {
        var arguments = Stream.concat(
                Stream.of(options),
                Stream.of("--files", files.stream().map(Path::toString).collect(Collectors.joining(","))));
        Outcome outcome = InThisJvm.run(DUMP_LOG, "", arguments.toArray(String[]::new));
        assertEquals(0, outcome.status(), outcome.err());
        return outcome;
    }

    /**
     * Without the one remark that the program makes on every segment that does not begin at offset 0, of Kafka's too: it
     * starts counting at -1 and calls the first offset a gap.
     */
    private static String complaints(String err) {
        return FIRST_OFFSET_REMARK.matcher(err).replaceAll("");
    }
}
