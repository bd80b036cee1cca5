package io.barnabas.metadata.controller;

import java.util.concurrent.CompletionStage;

/** The way into the replicated log. */
@FunctionalInterface
public interface Proposals {
    /**
     * Appends a batch if this node still leads in the term. The stage completes, on any thread, with the batch's index once it is
     * committed and applied here; if it fails, the batch may or may not be committed, now or later.
     */
    CompletionStage<Long> propose(byte[] recordBatch, long term);
}
