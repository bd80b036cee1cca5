package io.barnabas.broker.logging;

import java.io.IOException;
import java.util.logging.LogManager;

/**
 * A log manager that keeps its handlers while the process shuts down (the JDK's drops them in a hook of its own, and the
 * last lines with them), and reads no file unless {@code java.util.logging.config.file} or {@code .class} names one.
 * Named by the system property {@code java.util.logging.manager}; hence public with a public constructor.
 */
public final class BrokerLogManager extends LogManager {

    @Override
    public void reset() {
        // Nothing in the broker resets; only the JDK's shutdown hook does.
    }

    @Override
    public void readConfiguration() throws IOException {
        if (Logging.configuredElsewhere()) {
            super.readConfiguration();
        }
    }
}
