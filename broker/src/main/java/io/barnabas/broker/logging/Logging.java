package io.barnabas.broker.logging;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * The process's logging. {@link #start} is called once, first thing in main, before any class makes a logger. Levels may be
 * read and set on any thread (the BROKER_LOGGER resource of KIP-412), by log4j's names.
 */
public final class Logging {

    /** Kafka's name for the logger above all others. */
    public static final String ROOT = "root";

    /** Loggers whose level we set stay reachable: java.util.logging itself holds them weakly. */
    private static final List<Logger> KEPT = new ArrayList<>();

    private Logging() {}

    /** Installs Kafka's line format on standard output, unless the JVM was given a java.util.logging configuration. */
    public static void start() {
        if (System.getProperty("java.util.logging.manager") == null) {
            System.setProperty("java.util.logging.manager", BrokerLogManager.class.getName());
        }
        if (configuredElsewhere()) {
            return;
        }
        var root = LogManager.getLogManager().getLogger("");
        for (var handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(new LineHandler());
        root.setLevel(Level.INFO);
        keep("com.alipay.sofa.jraft", Level.WARNING);
        keep("io.netty", Level.WARNING);
    }

    static boolean configuredElsewhere() {
        return System.getProperty("java.util.logging.config.file") != null
                || System.getProperty("java.util.logging.config.class") != null;
    }

    /** Every known logger with its effective level, in log4j's words, by name. */
    public static Map<String, String> levels() {
        var levels = new TreeMap<String, String>();
        for (var names = LogManager.getLogManager().getLoggerNames(); names.hasMoreElements(); ) {
            var name = names.nextElement();
            var logger = LogManager.getLogManager().getLogger(name);
            if (logger != null) {
                levels.put(name.isEmpty() ? ROOT : name, LineFormatter.levelName(effective(logger)));
            }
        }
        return levels;
    }

    public static boolean exists(String name) {
        return name.equals(ROOT) || LogManager.getLogManager().getLogger(name) != null;
    }

    /** The level that log4j's name means; empty if it is none. */
    public static Optional<Level> levelNamed(String name) {
        return switch (name) {
            case "FATAL", "ERROR" -> Optional.of(Level.SEVERE);
            case "WARN" -> Optional.of(Level.WARNING);
            case "INFO" -> Optional.of(Level.INFO);
            case "DEBUG" -> Optional.of(Level.FINE);
            case "TRACE" -> Optional.of(Level.FINEST);
            default -> Optional.empty();
        };
    }

    /** @param level null: the level of the logger above */
    public static void setLevel(String name, Level level) {
        if (name.equals(ROOT)) {
            LogManager.getLogManager().getLogger("").setLevel(level == null ? Level.INFO : level);
        } else {
            keep(name, level);
        }
    }

    private static synchronized void keep(String name, Level level) {
        var logger = Logger.getLogger(name);
        logger.setLevel(level);
        KEPT.removeIf(kept -> kept.getName().equals(name));
        if (level != null) {
            KEPT.add(logger);
        }
    }

    private static Level effective(Logger logger) {
        for (var current = logger; current != null; current = current.getParent()) {
            if (current.getLevel() != null) {
                return current.getLevel();
            }
        }
        return Level.INFO;
    }
}
