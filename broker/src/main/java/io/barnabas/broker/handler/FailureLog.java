package io.barnabas.broker.handler;

import java.util.concurrent.atomic.LongAdder;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where bugs surface: each is counted and logged with the request that met it. Any thread. */
public final class FailureLog {
    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);

    private final LongAdder count = new LongAdder();

    public void unexpected(RequestContext context, Throwable failure) {
        count.increment();
        LOG.error("{} failed unexpectedly", context.describe(), failure);
    }

    public long count() {
        return count.sum();
    }
}
