package io.barnabas.broker;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.broker.controlplane.LocalController;
import io.barnabas.broker.logging.Logging;
import io.barnabas.broker.logging.SignalLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code Main FILE [--override KEY=VALUE]…}: runs a broker until SIGTERM. Exit codes: 143 after SIGTERM (as for any JVM, Kafka's
 * too), by then everything is closed in order; 1 if the broker
 * could not start or had to stop. A failed start says why in one sentence on standard error; wrong arguments have the usage after it.
 */
public final class Main {
    private static final String USAGE = "USAGE: barnabas start FILE [--override KEY=VALUE]...";
    private static final String OVERRIDE = "--override";
    private static final int FAILED = 1;

    private Main() {}

    public static void main(String[] args) {
        try {
            var arguments = Arguments.parse(args);
            // Before the first logger is made.
            Logging.start();
            System.exit(run(arguments, LoggerFactory.getLogger(Main.class)));
        } catch (WrongArguments e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(FAILED);
        }
    }

    private static int run(Arguments arguments, Logger log) {
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, failure) -> log.error("Thread {} died", thread.getName(), failure));
        try {
            var config = BrokerConfig.load(arguments.file, arguments.overrides);
            SignalLog.start();
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
        static Arguments parse(String[] args) {
            if (args.length == 0 || args[0].startsWith("-")) {
                throw new WrongArguments("The configuration file must come first.");
            }
            var overrides = new LinkedHashMap<String, String>();
            for (int i = 1; i < args.length; i++) {
                String override;
                if (args[i].startsWith(OVERRIDE + "=")) {
                    override = args[i].substring(OVERRIDE.length() + 1);
                } else if (!args[i].equals(OVERRIDE)) {
                    throw new WrongArguments("Nothing is known of the argument " + args[i] + ".");
                } else if (++i == args.length) {
                    throw new WrongArguments(OVERRIDE + " needs KEY=VALUE after it, but there is nothing.");
                } else {
                    override = args[i];
                }
                int equals = override.indexOf('=');
                if (equals < 1) {
                    throw new WrongArguments(OVERRIDE + " needs KEY=VALUE, but there is no "
                            + (equals < 0 ? "=" : "key") + " in " + override + ".");
                }
                overrides.put(override.substring(0, equals), override.substring(equals + 1));
            }
            return new Arguments(Path.of(args[0]), overrides);
        }
    }

    private static final class WrongArguments extends RuntimeException {
        WrongArguments(String message) {
            super(message);
        }
    }
}
