package io.barnabas.compat.programs;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where kcat, a client on librdkafka, is on this machine. */
final class Kcat {
    static final Path PATH = Path.of("/usr/bin/kcat");

    private Kcat() {}

    static boolean present() {
        return Files.isExecutable(PATH);
    }
}
