package io.barnabas.broker.testing;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged under a name while this is open, as "LEVEL message". */
public final class CapturedLog extends Handler implements AutoCloseable {
    private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
    private final Logger logger;

    private CapturedLog(String name) {
        logger = Logger.getLogger(name);
    }

    public static CapturedLog of(String name) {
        var captured = new CapturedLog(name);
        captured.logger.addHandler(captured);
        return captured;
    }

    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** Those that contain a text. */
    public List<String> lines(String text) {
        return lines.stream().filter(line -> line.contains(text)).toList();
    }

    @Override
    public void publish(LogRecord entry) {
        var level = entry.getLevel();
        var name = level == Level.SEVERE ? "ERROR" : level == Level.WARNING ? "WARN" : level.getName();
        lines.add(name + " " + entry.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
