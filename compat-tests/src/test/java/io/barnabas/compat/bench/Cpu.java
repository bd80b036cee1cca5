package io.barnabas.compat.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What a process has cost so far, as Linux counts it: seconds of CPU in user and system mode, and memory. */
final class Cpu {
    private static final double TICKS_PER_S = 100;
    private static final int UTIME_FIELD = 11;

    private final Path proc;

    Cpu(long pid) {
        proc = Path.of("/proc", Long.toString(pid));
    }

    /** Of all threads, those that have ended too. */
    double totalS() {
        return ticks(proc.resolve("stat")) / TICKS_PER_S;
    }

    /** As above without the threads of the JIT compiler, which must not come and go ({@code -XX:-UseDynamicNumberOfCompilerThreads}). */
    double withoutJitS() {
        long jit = 0;
        for (var thread : threads(name -> name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler"))) {
            jit += ticks(thread.resolve("stat"));
        }
        return totalS() - jit / TICKS_PER_S;
    }

    double residentMib() {
        return status("status", "VmRSS:");
    }

    /** Pages shared with other processes count in part. */
    double proportionalMib() {
        return status("smaps_rollup", "Pss:");
    }

    int threadCount() {
        return threads(name -> true).size();
    }

    private double status(String file, String key) {
        for (var line : lines(proc.resolve(file))) {
            if (line.startsWith(key)) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        throw new IllegalStateException("no " + key + " in " + proc.resolve(file));
    }

    private List<Path> threads(Predicate<String> named) {
        var found = new ArrayList<Path>();
        try (var tasks = Files.list(proc.resolve("task"))) {
            for (var task : tasks.toList()) {
                try {
                    if (named.test(Files.readString(task.resolve("comm")).strip())) {
                        found.add(task);
                    }
                } catch (NoSuchFileException ended) {
                    // It has no part in what comes.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static long ticks(Path stat) {
        var line = lines(stat).get(0);
        // The name, in parentheses, may hold anything.
        var fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[UTIME_FIELD]) + Long.parseLong(fields[UTIME_FIELD + 1]);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
