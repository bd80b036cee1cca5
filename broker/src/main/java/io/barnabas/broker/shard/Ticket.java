package io.barnabas.broker.shard;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import io.barnabas.broker.coordinator.Pending;
import io.barnabas.protocol.ErrorCode;

/** A request that waits for its shard's answer, for a moment or for a whole rebalance. Worker only, but for its future. */
final class Ticket<R> implements Pending {
    private final CompletableFuture<R> answer = new CompletableFuture<>();
    private final Function<ErrorCode, R> failure;

    Ticket(Function<ErrorCode, R> failure) {
        this.failure = failure;
    }

    CompletableFuture<R> answer() {
        return answer;
    }

    @SuppressWarnings("unchecked")
    void give(Object response) {
        answer.complete((R) response);
    }

    void fail(ErrorCode error) {
        answer.complete(failure.apply(error));
    }
}
