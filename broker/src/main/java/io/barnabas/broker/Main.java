package io.barnabas.broker;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.broker.controlplane.LocalController;
import io.barnabas.broker.logging.Logging;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code Main FILE [--override KEY=VALUE]…}: runs a broker until SIGTERM. Exit codes: 143 after SIGTERM (as for any JVM, Kafka's
 * too), by then everything is closed in order; 1 if the broker
 * could not start or had to stop, 2 for wrong arguments. A failed start says why in one sentence on standard error.
 */
public final class Main {
    private static final String USAGE = "USAGE: barnabas start FILE [--override KEY=VALUE]...";
    private static final int FAILED = 1;
    private static final int WRONG_ARGUMENTS = 2;

    private Main() {}

    public static void main(String[] args) {
        Arguments arguments = Arguments.parse(args);
        if (arguments == null) {
            System.err.println(USAGE);
            System.exit(WRONG_ARGUMENTS);
        }
        // Before the first logger is made.
        Logging.start();
        System.exit(run(arguments, LoggerFactory.getLogger(Main.class)));
    }

    private static int run(Arguments arguments, Logger log) {
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, failure) -> log.error("Thread {} died", thread.getName(), failure));
        try {
            var config = BrokerConfig.load(arguments.file, arguments.overrides);
            var broker = Broker.start(config, new LocalController(Main::metadataIsGone));
            Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "shutdown"));
            broker.awaitTermination();
            return 0;
        } catch (ConfigException | BrokerStartException e) {
            System.err.println(e.getMessage());
            log.debug("The broker did not start", e);
        } catch (RuntimeException | Error e) {
            log.error("The broker did not start", e);
        } catch (InterruptedException e) {
            log.error("The broker stops: its main thread was interrupted");
        }
        return FAILED;
    }

    /** The log has the reason. A node that cannot follow the metadata must not go on serving what it last knew. */
    private static void metadataIsGone() {
        Runtime.getRuntime().halt(FAILED);
    }

    private record Arguments(Path file, Map<String, String> overrides) {
        /** Null if they make no sense. */
        static Arguments parse(String[] args) {
            if (args.length == 0 || args[0].startsWith("-")) {
                return null;
            }
            var overrides = new LinkedHashMap<String, String>();
            for (int i = 1; i < args.length; i += 2) {
                int equals = i + 1 < args.length ? args[i + 1].indexOf('=') : -1;
                if (!args[i].equals("--override") || equals < 1) {
                    return null;
                }
                overrides.put(args[i + 1].substring(0, equals), args[i + 1].substring(equals + 1));
            }
            return new Arguments(Path.of(args[0]), overrides);
        }
    }
}
