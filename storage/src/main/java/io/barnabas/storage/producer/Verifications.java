package io.barnabas.storage.producer;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Producers whose next transactional batch waits for the coordinator's word that the partition is in the transaction
 * (KIP-890). Guards are unique in the process, so that a late answer never passes for a newer one.
 */
final class Verifications {
    private static final AtomicLong LAST_GUARD = new AtomicLong();

    static final class Verification {
        private final long guard = LAST_GUARD.incrementAndGet();
        private final long startedMs;
        private final boolean supportsEpochBump;
        private int lowestSequence;
        private short epoch;

        private Verification(long startedMs, int sequence, short epoch, boolean supportsEpochBump) {
            this.startedMs = startedMs;
            this.lowestSequence = sequence;
            this.epoch = epoch;
            this.supportsEpochBump = supportsEpochBump;
        }

        boolean supportsEpochBump() {
            return supportsEpochBump;
        }

        int lowestSequence() {
            return lowestSequence;
        }
    }

    /** Null until a transactional producer shows up: most logs have none. */
    private Map<Long, Verification> byProducer;

    long start(long producerId, int sequence, short epoch, boolean supportsEpochBump, long nowMs) {
        if (byProducer == null) {
            byProducer = new HashMap<>();
        }
        var verification = byProducer.computeIfAbsent(
                producerId, id -> new Verification(nowMs, sequence, epoch, supportsEpochBump));
        if (epoch > verification.epoch) {
            verification.epoch = epoch;
            verification.lowestSequence = sequence;
        } else if (epoch == verification.epoch && sequence < verification.lowestSequence) {
            verification.lowestSequence = sequence;
        }
        return verification.guard;
    }

    /** Null if none is under way. */
    Verification of(long producerId) {
        return byProducer == null ? null : byProducer.get(producerId);
    }

    boolean passes(long producerId, long guard) {
        var verification = of(producerId);
        return guard != ProducerLedger.NO_GUARD && verification != null && verification.guard == guard;
    }

    /** A transactional batch or marker was appended. A marker of the old transaction leaves that of the next one alone. */
    void appended(long producerId, short epoch, boolean marker) {
        var verification = of(producerId);
        if (verification != null && !(marker && verification.supportsEpochBump && verification.epoch == epoch)) {
            byProducer.remove(producerId);
        }
    }

    void expire(long nowMs, long expirationMs) {
        if (byProducer != null) {
            byProducer.values().removeIf(verification -> nowMs - verification.startedMs >= expirationMs);
        }
    }
}
