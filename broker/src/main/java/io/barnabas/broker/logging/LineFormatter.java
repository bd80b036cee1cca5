package io.barnabas.broker.logging;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.TimeZone;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * {@code [2026-01-01 00:00:00,123] INFO message (logger)}, local time, as Kafka's default log4j2 pattern prints it. Works out
 * the date itself: java.time would cost tens of milliseconds at start.
 */
public final class LineFormatter extends Formatter {

    private static final int MS_PER_DAY = 86_400_000;

    @Override
    public String format(LogRecord entry) {
        var line = new StringBuilder(128);
        appendTime(line.append('['), entry.getMillis(), TimeZone.getDefault());
        line.append("] ").append(levelName(entry.getLevel())).append(' ');
        appendVisibly(line, formatMessage(entry));
        line.append(" (").append(entry.getLoggerName()).append(')').append(System.lineSeparator());
        if (entry.getThrown() != null) {
            var trace = new StringWriter();
            entry.getThrown().printStackTrace(new PrintWriter(trace, true));
            line.append(trace);
        }
        return line.toString();
    }

    /** What a client sent may be in it: no line of a log is to be made up by it, and no terminal to be driven. */
    private static void appendVisibly(StringBuilder line, String message) {
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            if (Character.isISOControl(c) && c != '\t') {
                line.append(String.format("\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
    }

    static String levelName(Level level) {
        var value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "ERROR";
        }
        if (value >= Level.WARNING.intValue()) {
            return "WARN";
        }
        if (value >= Level.CONFIG.intValue()) {
            return "INFO";
        }
        return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
    }

    static void appendTime(StringBuilder out, long epochMs, TimeZone zone) {
        var localMs = epochMs + zone.getOffset(epochMs);
        var days = Math.floorDiv(localMs, (long) MS_PER_DAY);
        var ms = (int) Math.floorMod(localMs, (long) MS_PER_DAY);
        // Days since 0000-03-01 in eras of 400 years: a year then ends with its leap day.
        var shifted = days + 719_468;
        var era = Math.floorDiv(shifted, 146_097L);
        var dayOfEra = (int) (shifted - era * 146_097);
        var yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        var dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        var marchMonth = (5 * dayOfYear + 2) / 153;
        var day = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
        var month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
        var year = (int) (yearOfEra + era * 400) + (month <= 2 ? 1 : 0);
        pad(out, year, 1_000).append('-');
        pad(out, month, 10).append('-');
        pad(out, day, 10).append(' ');
        pad(out, ms / 3_600_000, 10).append(':');
        pad(out, ms / 60_000 % 60, 10).append(':');
        pad(out, ms / 1_000 % 60, 10).append(',');
        pad(out, ms % 1_000, 100);
    }

    private static StringBuilder pad(StringBuilder out, int value, int highestDigit) {
        for (var digit = highestDigit; digit > 1 && value < digit; digit /= 10) {
            out.append('0');
        }
        return out.append(value);
    }
}
