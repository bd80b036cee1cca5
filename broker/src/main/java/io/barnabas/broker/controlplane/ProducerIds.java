package io.barnabas.broker.controlplane;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.AllocateProducerIdsResponse;

/** Hands out producer ids, unique in the cluster, from blocks the controller allots to this broker. Any thread; one short lock. */
public final class ProducerIds {
    private static final int MAX_WAITING = 10_000;

    private final Supplier<CompletionStage<Block>> allocation;
    private final ArrayDeque<CompletableFuture<Long>> waiting = new ArrayDeque<>();
    private long next;
    private long end;
    private boolean asking;

    /** @param allocation asks the controller for one more block */
    public ProducerIds(Supplier<CompletionStage<Block>> allocation) {
        this.allocation = allocation;
    }

    /** The next id; fails if the controller cannot be reached or too many wait for it: the client should try again. */
    public CompletionStage<Long> next() {
        var id = new CompletableFuture<Long>();
        synchronized (this) {
            if (next < end) {
                id.complete(next++);
                return id;
            }
            if (waiting.size() >= MAX_WAITING) {
                id.completeExceptionally(new IllegalStateException("Too many wait for producer ids"));
                return id;
            }
            waiting.add(id);
            if (asking) {
                return id;
            }
            asking = true;
        }
        ask();
        return id;
    }

    private void ask() {
        allocation.get().whenComplete((block, failure) -> {
            if (failure == null && block.size() <= 0) {
                failAll(new IllegalStateException("The controller gave an empty block of producer ids"));
            } else if (failure == null) {
                serve(block);
            } else {
                failAll(failure);
            }
        });
    }

    private void serve(Block block) {
        while (true) {
            CompletableFuture<Long> served;
            long id;
            synchronized (this) {
                if (next >= end) {
                    next = block.first();
                    end = block.first() + block.size();
                    block = new Block(0, 0);
                }
                served = waiting.poll();
                if (served == null) {
                    asking = false;
                    return;
                }
                if (next >= end) {
                    waiting.addFirst(served);
                    break;
                }
                id = next++;
            }
            served.complete(id);
        }
        ask();
    }

    private void failAll(Throwable failure) {
        ArrayDeque<CompletableFuture<Long>> failed;
        synchronized (this) {
            failed = new ArrayDeque<>(waiting);
            waiting.clear();
            asking = false;
        }
        failed.forEach(id -> id.completeExceptionally(failure));
    }

    /** {@code size} ids from {@code first} on. */
    public record Block(long first, int size) {
        /** @throws IllegalStateException if the controller refused */
        public static Block of(AllocateProducerIdsResponse response) {
            var error = ErrorCode.of(response.errorCode());
            if (error != ErrorCode.NONE) {
                throw new IllegalStateException("The controller refused to allot producer ids: " + error);
            }
            return new Block(response.producerIdStart(), response.producerIdLen());
        }
    }
}
