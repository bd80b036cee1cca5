package io.barnabas.metadata.controller;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A replicated log whose outcomes the test decides. */
final class FakeLog implements Proposals {
    record Proposal(byte[] batch, long term, CompletableFuture<Long> outcome) {}

    private final CommittedMetadata committed;
    private final LinkedBlockingQueue<Proposal> proposals = new LinkedBlockingQueue<>();
    private final ArrayDeque<Proposal> lost = new ArrayDeque<>();
    private long index;
    private volatile boolean automatic;

    FakeLog(CommittedMetadata committed) {
        this.committed = committed;
    }

    /** Commits everything at once from now on. */
    void commitAtOnce() {
        automatic = true;
    }

    @Override
    public CompletionStage<Long> propose(byte[] recordBatch, long term) {
        var proposal = new Proposal(recordBatch, term, new CompletableFuture<>());
        if (automatic) {
            commit(proposal);
        } else {
            proposals.add(proposal);
        }
        return proposal.outcome();
    }

    /** The next proposal; waits for it. */
    Proposal next() throws InterruptedException {
        var proposal = proposals.poll(30, TimeUnit.SECONDS);
        if (proposal == null) {
            throw new AssertionError("nothing was proposed");
        }
        return proposal;
    }

    boolean isIdle() {
        return proposals.isEmpty();
    }

    synchronized void commit(Proposal proposal) {
        index += 2;
        committed.apply(index, proposal.batch());
        proposal.outcome().complete(index);
    }

    /** Tells the proposer that it failed, and keeps it. */
    synchronized void fail(Proposal proposal) {
        lost.add(proposal);
        proposal.outcome().completeExceptionally(new IllegalStateException("stepped down"));
    }

    /** What was said to have failed is committed after all. */
    synchronized void commitLost() {
        for (var proposal : lost) {
            index += 2;
            committed.apply(index, proposal.batch());
        }
        lost.clear();
    }
}
