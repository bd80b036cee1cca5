package io.barnabas.broker.logging;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Says in the log which signal ends the process, before the JVM does what it always does: run the shutdown hooks. The lines are what
 * scripts look for in Kafka's log. Handlers run on a thread of the JVM's own.
 */
public final class SignalLog {
    private static final Logger LOG = LoggerFactory.getLogger(SignalLog.class);
    private static final List<String> SIGNALS = List.of("TERM", "INT", "HUP");

    private SignalLog() {}

    /** Once, at the start. A signal that is ignored, as SIGHUP under nohup, stays ignored. */
    public static void start() {
        try {
            SIGNALS.forEach(SignalLog::tellOf);
            LOG.info("Registered signal handlers for {}", String.join(", ", SIGNALS));
        } catch (IllegalArgumentException e) {
            // The JVM was started with -Xrs, or the platform has no such signal.
            LOG.info("Signals are not logged: {}", e.getMessage());
        }
    }

    private static void tellOf(String name) {
        var usual = new CompletableFuture<SignalHandler>();
        var before = Signal.handle(new Signal(name), signal -> {
            LOG.info("Terminating process due to signal {}", signal);
            usual.join().handle(signal);
        });
        usual.complete(before);
        if (before == SignalHandler.SIG_IGN) {
            Signal.handle(new Signal(name), before);
        }
    }
}
