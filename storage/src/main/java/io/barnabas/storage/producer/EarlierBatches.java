package io.barnabas.storage.producer;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * The producers of a ledger of which fewer batches are known than would be remembered, as a snapshot has only the last of each. They take
 * in what comes right before the oldest known, and nothing else of them changes. The ledger's owner.
 */
public final class EarlierBatches {
    /** So many of a producer are remembered. */
    public static final int MOST = ProducerState.BATCHES;

    private final Map<Long, ProducerState> lacking = new HashMap<>();

    EarlierBatches(Collection<ProducerState> producers) {
        for (var state : producers) {
            if (state.lacksBatches()) {
                lacking.put(state.producerId(), state);
            }
        }
    }

    /** A batch of data as its header tells it. */
    public record Batch(
            long producerId,
            short producerEpoch,
            int lastSequence,
            long lastOffset,
            int lastOffsetDelta,
            long maxTimestampMs) {}

    /** Whether a batch of the producer could be missing. */
    public boolean areMissingOf(long producerId) {
        return lacking.containsKey(producerId);
    }

    /** Whether a batch could be missing that lies at or above an offset. */
    public boolean areMissingFrom(long offset) {
        for (var state : lacking.values()) {
            if (state.oldestOffset() > offset) {
                return true;
            }
        }
        return false;
    }

    /** Batches come newest first; one that is not right before the oldest known is none of the last. */
    public void add(Batch batch) {
        var state = lacking.get(batch.producerId());
        if (state != null && state.isRightAfter(batch)) {
            state.addEarlier(batch);
            if (!state.lacksBatches()) {
                lacking.remove(batch.producerId());
            }
        }
    }
}
