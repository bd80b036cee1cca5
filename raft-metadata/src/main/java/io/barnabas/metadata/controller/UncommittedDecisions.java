package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.metadata.NoOpRecord;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * What the active controller decided and the log does not have yet: the image that runs ahead, the batch on its way, the one that is
 * collected meanwhile, and the calls that wait for either. The controller's thread only.
 */
final class UncommittedDecisions {
    /** Committed metadata and all decisions since; null while nothing may be decided. */
    private MetadataImage image;

    private Batch collecting = new Batch();
    /** Null if none is on its way. */
    private Batch inFlight;

    /** Decisions that are committed together, and the calls that wait for that. */
    static final class Batch {
        private final List<ApiMessage> records = new ArrayList<>();
        private final List<Waiter> waiters = new ArrayList<>();

        List<ApiMessage> records() {
            return records;
        }
    }

    /** A call whose response rests on what is not committed. */
    interface Waiter {
        void committed();

        /** Whether it will be is not known. */
        void lost(String reason);
    }

    /** What to decide on; null while nothing may be decided. */
    MetadataImage image() {
        return image;
    }

    /** Nothing is uncommitted; decisions go on from here. */
    void begin(MetadataImage committed) {
        image = committed;
    }

    /** While a full batch has to wait, so do further calls. */
    boolean isFull() {
        return collecting.records.size() >= Decision.MAX_RECORDS;
    }

    void add(List<? extends ApiMessage> records) {
        if (!records.isEmpty()) {
            image = image.applyAll(records);
            collecting.records.addAll(records);
        }
    }

    /** Tells a call when all that was decided so far is committed, which may be now. */
    void whenCommitted(Waiter waiter) {
        if (!collecting.records.isEmpty()) {
            collecting.waiters.add(waiter);
        } else if (inFlight != null) {
            inFlight.waiters.add(waiter);
        } else {
            waiter.committed();
        }
    }

    /** The batch to propose now; null if there is none, or one is on its way. */
    Batch takeNext() {
        if (image == null || inFlight != null || collecting.records.isEmpty()) {
            return null;
        }
        inFlight = collecting;
        collecting = new Batch();
        image = image.at(image.index() + 1);
        return inFlight;
    }

    /** After {@link #forget}: a batch that changes nothing, to learn what is in the log; null if one is on its way, or decisions go on. */
    Batch takeProbe() {
        if (image != null || inFlight != null) {
            return null;
        }
        inFlight = new Batch();
        inFlight.records.add(new NoOpRecord());
        return inFlight;
    }

    /** False of a batch that was forgotten meanwhile. */
    boolean isInFlight(Batch batch) {
        return batch == inFlight;
    }

    /**
     * The batch on its way is in the log.
     *
     * @param committed the newest metadata committed, with that batch
     */
    void committed(long index, MetadataImage committed) {
        var batch = inFlight;
        inFlight = null;
        if (image == null || collecting.records.isEmpty()) {
            image = committed;
        } else if (index > image.index()) {
            image = image.at(index);
        }
        for (var waiter : batch.waiters) {
            waiter.committed();
        }
    }

    /**
     * Drops what ran ahead of the log. Nothing may be decided until {@link #begin}, or until a probe is committed.
     *
     * @return the calls that waited
     */
    List<Waiter> forget() {
        image = null;
        var lost = new ArrayList<>(collecting.waiters);
        if (inFlight != null) {
            lost.addAll(inFlight.waiters);
        }
        collecting = new Batch();
        inFlight = null;
        return lost;
    }
}
