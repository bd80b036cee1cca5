package io.barnabas.broker.logging;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import java.util.TimeZone;
import java.util.logging.Level;
import java.util.logging.LogRecord;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LoggingTest {

    @Test
    void aLineHasKafkasForm() {
        var entry = new LogRecord(Level.WARNING, "Hello {0}");
        entry.setParameters(new Object[] {"there"});
        entry.setLoggerName("io.barnabas.Some");
        entry.setThrown(new IllegalStateException("why"));
        var out = new ByteArrayOutputStream();
        new LineHandler(out).publish(entry);
        var text = out.toString(Charset.defaultCharset());
        assertTrue(
                text.matches(
                        "(?s)\\[\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3}] WARN Hello there \\(io.barnabas.Some\\)\\R"
                                + "java.lang.IllegalStateException: why\\R.*"),
                text);
    }

    @Test
    void aMessageStaysOnItsLine() {
        var entry = new LogRecord(Level.INFO, "client \n[2026] ERROR forged\u001b[31m");
        entry.setLoggerName("some");
        var line = new LineFormatter().format(entry);
        assertEquals(1, line.lines().count(), line);
        assertTrue(line.contains("client \\u000a[2026] ERROR forged\\u001b[31m (some)"), line);
    }

    @Test
    void datesAgreeWithTheJdk() {
        var zone = TimeZone.getTimeZone("Australia/Lord_Howe");
        var expected =
                DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss,SSS").withZone(ZoneId.of("Australia/Lord_Howe"));
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++) {
            var ms = (long) (random.nextDouble() * 6e12) - 1_000_000_000_000L;
            var line = new StringBuilder();
            LineFormatter.appendTime(line, ms, zone);
            assertEquals(expected.format(Instant.ofEpochMilli(ms)), line.toString());
        }
    }

    @Test
    void levelsAreReadAndSetByLog4jsNames() {
        Logging.setLevel("io.barnabas.test.levels", Logging.levelNamed("DEBUG").orElseThrow());
        assertEquals("DEBUG", Logging.levels().get("io.barnabas.test.levels"));
        Logging.setLevel("io.barnabas.test.levels", null);
        assertTrue(Logging.exists(Logging.ROOT));
        assertTrue(Logging.levelNamed("LOUD").isEmpty());
    }
}
