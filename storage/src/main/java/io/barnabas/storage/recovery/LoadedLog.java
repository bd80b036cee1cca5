package io.barnabas.storage.recovery;

import java.util.List;

import io.barnabas.storage.epoch.LeaderEpochs;
import io.barnabas.storage.producer.ProducerLedger;
import io.barnabas.storage.segment.Segment;

/**
 * A log as found on disk, ready to be owned.
 *
 * @param segments oldest first, at least one; the last is the active one
 * @param recoveryPoint offset below which everything is on stable storage
 */
public record LoadedLog(
        List<Segment> segments,
        long logStartOffset,
        long nextOffset,
        long recoveryPoint,
        LeaderEpochs epochs,
        ProducerLedger producers) {}
