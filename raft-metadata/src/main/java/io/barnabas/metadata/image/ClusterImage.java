package io.barnabas.metadata.image;

import java.util.Collection;

import io.barnabas.protocol.metadata.BrokerRegistrationChangeRecord;
import org.pcollections.TreePMap;

/** The registered brokers. Immutable. */
public final class ClusterImage {
    static final ClusterImage EMPTY = new ClusterImage(TreePMap.empty());

    private final TreePMap<Integer, BrokerImage> brokers;

    private ClusterImage(TreePMap<Integer, BrokerImage> brokers) {
        this.brokers = brokers;
    }

    /** Null if no broker with this id is registered. */
    public BrokerImage broker(int id) {
        return brokers.get(id);
    }

    /** By id. */
    public Collection<BrokerImage> brokers() {
        return brokers.values();
    }

    /** Whether the broker is registered, not fenced, and not shutting down. */
    public boolean isActive(int id) {
        var broker = brokers.get(id);
        return broker != null && broker.isActive();
    }

    ClusterImage with(BrokerImage broker) {
        return new ClusterImage(brokers.plus(broker.id(), broker));
    }

    ClusterImage without(int id, long epoch) {
        existing(id, epoch);
        return new ClusterImage(brokers.minus(id));
    }

    ClusterImage with(BrokerRegistrationChangeRecord change) {
        return with(existing(change.brokerId(), change.brokerEpoch()).with(change));
    }

    private BrokerImage existing(int id, long epoch) {
        var broker = brokers.get(id);
        if (broker == null || broker.epoch() != epoch) {
            throw new MetadataException("A record concerns broker " + id + " at epoch " + epoch + ", but "
                    + (broker == null ? "no such broker is registered" : "its epoch is " + broker.epoch())
                    + ": the metadata log is damaged.");
        }
        return broker;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClusterImage that && brokers.equals(that.brokers);
    }

    @Override
    public int hashCode() {
        return brokers.hashCode();
    }
}
