package io.barnabas.compat.programs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where kcat, a client on librdkafka, is on this machine. */
final class Kcat {
    static final Path PATH = Path.of("/usr/bin/kcat");

    private Kcat() {}

    static boolean present() {
        return Files.isExecutable(PATH);
    }

    /** The command line of a member of a group that prints the values of records, one per line. */
    static List<String> member(String bootstrapServers, String group, String topic) {
        return List.of(
                PATH.toString(),
                "-q",
                "-u",
                "-b",
                bootstrapServers,
                "-f",
                "%s\\n",
                "-X",
                "auto.offset.reset=earliest",
                "-X",
                "session.timeout.ms=10000",
                "-X",
                "heartbeat.interval.ms=200",
                "-G",
                group,
                topic);
    }
}
