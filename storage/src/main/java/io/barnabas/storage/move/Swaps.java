package io.barnabas.storage.move;

import io.barnabas.storage.log.LogMove;

/** Has the owner of a log swap it for its copy ({@link LogMove#swap}) when nothing of it is staged or awaits a commit. Does not wait. */
@FunctionalInterface
public interface Swaps {
    /** @param answer called once, on any thread */
    void request(LogMove move, Answer answer);

    /** How it went. */
    interface Answer {
        /** Whether the copy is in the log's place; if not, it may be tried again. */
        void swapped(boolean done);

        /** A directory failed, or there is a bug. */
        void failed(Throwable cause);
    }
}
