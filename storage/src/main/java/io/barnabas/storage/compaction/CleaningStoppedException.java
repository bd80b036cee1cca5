package io.barnabas.storage.compaction;

/** A compaction cannot go on: the broker stops, or its log changed under it. The log is as it was. */
final class CleaningStoppedException extends Exception {
    private static final long serialVersionUID = 1L;

    CleaningStoppedException(String reason) {
        super(reason, null, false, false);
    }
}
