package io.barnabas.compat.programs;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program as a process of its own, fed from a file and writing to files. */
final class ChildProcess implements AutoCloseable {
    private final String name;
    private final Process process;
    private final Path out;
    private final Path err;
    private long countedBytes;
    private long countedLines;

    private ChildProcess(String name, Process process, Path out, Path err) {
        this.name = name;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts a stock program in a JVM of its own.
     *
     * @param folder where its output goes, under {@code name}
     * @param input what it reads, or null for nothing
     */
    static ChildProcess java(Path folder, String name, Path input, Program program, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
        command.add(program.mainClass());
        command.addAll(arguments);
        return start(folder, name, input, command);
    }

    static ChildProcess start(Path folder, String name, Path input, List<String> command) throws IOException {
        Path out = folder.resolve(name + ".out");
        Path err = folder.resolve(name + ".err");
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(input == null ? new File("/dev/null") : input.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        return new ChildProcess(name, builder.start(), out, err);
    }

    Path out() {
        return out;
    }

    /** How many lines it has written to its standard output so far. */
    long lines() throws IOException {
        try (var channel = FileChannel.open(out)) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            channel.position(countedBytes);
            while (channel.read(buffer) > 0) {
                buffer.flip();
                countedBytes += buffer.remaining();
                while (buffer.hasRemaining()) {
                    if (buffer.get() == '\n') {
                        countedLines++;
                    }
                }
                buffer.clear();
            }
        }
        return countedLines;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end of the program by itself, and demands status 0. */
    void succeed(Duration deadline) throws IOException, InterruptedException {
        Outcome outcome = await(deadline);
        if (outcome.status() != 0) {
            throw new IllegalStateException(name + " ended with " + outcome.status() + ":\n" + outcome.err());
        }
    }

    /** Waits for the end of the program; one that does not end is killed and reported. */
    Outcome await(Duration deadline) throws IOException, InterruptedException {
        if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
            close();
            throw new IllegalStateException(name + " did not end in " + deadline + ":\n" + Files.readString(err));
        }
        return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** SIGTERM, and waits until the process is gone. */
    void terminate(Duration deadline) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
            close();
            throw new IllegalStateException(name + " did not end in " + deadline + " after SIGTERM");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
