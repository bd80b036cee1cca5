package io.barnabas.broker.network;

import java.util.concurrent.atomic.AtomicLong;

import io.netty.util.internal.PlatformDependent;

/**
 * The memory of requests that did not come in one piece, from their first part until they are answered, over all connections. Requests of
 * more than a mebibyte get at most half of it, so that a few clients with huge ones leave room for everyone else's. Any thread.
 */
final class RequestMemory {
    private static final int LARGE_BYTES = 1 << 20;

    private final long mostBytes;
    private final AtomicLong bytes = new AtomicLong();

    RequestMemory(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** A buffer that grows is there twice for a moment: half of what the JVM lets buffers have. */
    static RequestMemory withinDirectMemory() {
        return new RequestMemory(PlatformDependent.estimateMaxDirectMemory() / 2);
    }

    /**
     * Takes room for one more part of a request.
     *
     * @param requestBytes size of the whole request
     * @return false, with nothing taken, if there is none
     */
    boolean take(int partBytes, int requestBytes) {
        long limit = mostBytes(requestBytes);
        if (bytes.addAndGet(partBytes) > limit) {
            bytes.addAndGet(-partBytes);
            return false;
        }
        return true;
    }

    void give(long partBytes) {
        bytes.addAndGet(-partBytes);
    }

    /** What requests of this size may take together. */
    long mostBytes(int requestBytes) {
        return requestBytes > LARGE_BYTES ? mostBytes / 2 : mostBytes;
    }
}
