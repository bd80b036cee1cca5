package io.barnabas.broker.network;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;

/** A thread {@code io-n}, which knows its own event loop. */
final class IoThread extends FastThreadLocalThread {
    private EventExecutor loop;

    IoThread(Runnable target, String name) {
        super(target, name);
        setDaemon(true);
    }

    /** Called on this thread, once. */
    void loop(EventExecutor loop) {
        this.loop = loop;
    }

    /** Null on a thread that has no loop yet. */
    EventExecutor loop() {
        return loop;
    }
}
