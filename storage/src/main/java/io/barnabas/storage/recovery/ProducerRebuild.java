package io.barnabas.storage.recovery;

import io.barnabas.storage.producer.ProducerLedger;
import io.barnabas.storage.segment.Segment;
import java.util.List;

/** Brings a producer ledger to the state it has at an offset: newest snapshot, then the batches after it. */
public final class ProducerRebuild {
    private ProducerRebuild() {}

    public static void rebuild(
            ProducerLedger producers,
            List<Segment> segments,
            long logStartOffset,
            long endOffset,
            long firstRebuiltBase,
            long nowMs) {}
}
