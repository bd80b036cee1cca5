package io.barnabas.metadata.controller;

import java.util.HashMap;
import java.util.Map;

import io.barnabas.metadata.image.BrokerImage;
import io.barnabas.metadata.image.MetadataImage;

/**
 * When the active controller last heard from each broker. Not in the log: a new controller gives every live broker a fresh session.
 * Belongs to the controller's thread.
 */
final class Sessions {
    private static final class Session {
        final long brokerEpoch;
        /** {@code Long.MIN_VALUE} before the first heartbeat. */
        long lastHeardMs = Long.MIN_VALUE;
        /** The metadata index the broker had then. */
        long metadataIndex = -1;
        /** What others must have seen before it may shut down; -1 while it is not about to. */
        long shutdownIndex = -1;

        Session(long brokerEpoch) {
            this.brokerEpoch = brokerEpoch;
        }
    }

    private final int nodeId;
    private final long timeoutMs;
    private final Map<Integer, Session> sessions = new HashMap<>();

    /**
     * @param nodeId the controller's own
     * @param timeoutMs {@code broker.session.timeout.ms}
     */
    Sessions(int nodeId, long timeoutMs) {
        this.nodeId = nodeId;
        this.timeoutMs = timeoutMs;
    }

    long timeoutMs() {
        return timeoutMs;
    }

    /** A controller begins. */
    void begin(MetadataImage image, long nowMs) {
        sessions.clear();
        for (var broker : image.cluster().brokers()) {
            if (!broker.fenced()) {
                of(broker).lastHeardMs = nowMs;
            }
        }
    }

    void heard(BrokerImage broker, long metadataIndex, long nowMs) {
        var session = of(broker);
        session.lastHeardMs = nowMs;
        session.metadataIndex = metadataIndex;
    }

    boolean isAlive(BrokerImage broker, long nowMs) {
        var session = sessions.get(broker.id());
        return session != null
                && session.brokerEpoch == broker.epoch()
                && session.lastHeardMs != Long.MIN_VALUE
                && nowMs - session.lastHeardMs < timeoutMs;
    }

    /**
     * Whether another incarnation of this broker has to wait. The broker of this very node, if it was not heard since the controller
     * began, is the one that ran before this process: it need not be waited for.
     */
    boolean bars(BrokerImage broker, long nowMs) {
        return isAlive(broker, nowMs) && (broker.id() != nodeId || of(broker).metadataIndex >= 0);
    }

    void shuttingDown(BrokerImage broker, long index) {
        var session = of(broker);
        if (session.shutdownIndex < 0) {
            session.shutdownIndex = index;
        }
    }

    /** Whether every other live broker knows of all changes that moved leaderships away from this one. */
    boolean mayShutDown(BrokerImage leaving, MetadataImage image) {
        long needed = of(leaving).shutdownIndex;
        for (var broker : image.cluster().brokers()) {
            if (broker.isActive() && broker.id() != leaving.id() && of(broker).metadataIndex < needed) {
                return false;
            }
        }
        return true;
    }

    private Session of(BrokerImage broker) {
        var session = sessions.get(broker.id());
        if (session == null || session.brokerEpoch != broker.epoch()) {
            session = new Session(broker.epoch());
            sessions.put(broker.id(), session);
        }
        return session;
    }
}
