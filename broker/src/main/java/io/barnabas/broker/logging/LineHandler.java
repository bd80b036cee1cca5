package io.barnabas.broker.logging;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** Writes each line at once to standard output, whole lines only. Any thread. */
final class LineHandler extends Handler {

    private final OutputStream out;

    LineHandler() {
        this(new FileOutputStream(FileDescriptor.out));
    }

    LineHandler(OutputStream out) {
        this.out = out;
        setLevel(Level.ALL);
        setFormatter(new LineFormatter());
    }

    @Override
    public void publish(LogRecord entry) {
        if (!isLoggable(entry)) {
            return;
        }
        var line = getFormatter().format(entry).getBytes(Charset.defaultCharset());
        try {
            synchronized (out) {
                out.write(line);
            }
        } catch (IOException e) {
            reportError("Standard output cannot be written", e, ErrorManager.WRITE_FAILURE);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
