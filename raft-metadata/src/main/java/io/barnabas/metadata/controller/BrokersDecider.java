package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.barnabas.metadata.image.BrokerImage;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AllocateProducerIdsRequest;
import io.barnabas.protocol.message.AllocateProducerIdsResponse;
import io.barnabas.protocol.message.BrokerHeartbeatRequest;
import io.barnabas.protocol.message.BrokerHeartbeatResponse;
import io.barnabas.protocol.message.UnregisterBrokerRequest;
import io.barnabas.protocol.message.UnregisterBrokerResponse;
import io.barnabas.protocol.metadata.BrokerRegistrationChangeRecord;
import io.barnabas.protocol.metadata.ProducerIdsRecord;
import io.barnabas.protocol.metadata.UnregisterBrokerRecord;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * Keeps brokers that were registered: BrokerHeartbeat (API 63, v0–2), UnregisterBroker (API 64, v0), fencing of those that fell silent,
 * and AllocateProducerIds (API 67, v0).
 */
final class BrokersDecider {
    private static final int PRODUCER_IDS_PER_BLOCK = 1_000;
    private static final byte FENCE = 1;
    private static final byte UNFENCE = -1;
    private static final byte ENTER_CONTROLLED_SHUTDOWN = 1;

    /** What a broker is, or becomes by its heartbeat. */
    private enum State {
        FENCED,
        UNFENCED,
        CONTROLLED_SHUTDOWN,
        SHUTDOWN_NOW
    }

    private final PartitionMoves moves;
    private final Sessions sessions;

    BrokersDecider(PartitionMoves moves, Sessions sessions) {
        this.moves = moves;
        this.sessions = sessions;
    }

    /** Why a broker's request cannot be its own, in Kafka's words; null if it can. */
    static String staleness(MetadataImage image, int broker, long epoch) {
        var registered = image.cluster().broker(broker);
        if (registered == null) {
            return "No broker registration found for broker id " + broker;
        }
        return registered.epoch() == epoch
                ? null
                : "Expected broker epoch " + registered.epoch() + ", but got broker epoch " + epoch;
    }

    Decision<BrokerHeartbeatResponse> heartbeat(MetadataImage image, BrokerHeartbeatRequest request, long nowMs) {
        String stale = staleness(image, request.brokerId(), request.brokerEpoch());
        if (stale != null) {
            return Decision.nothing(new BrokerHeartbeatResponse().errorCode(ErrorCode.STALE_BROKER_EPOCH.code()));
        }
        var broker = image.cluster().broker(request.brokerId());
        boolean caughtUp = isCaughtUp(image, broker, request.currentMetadataOffset());
        var state = state(broker);
        var next = next(image, broker, state, request, caughtUp);
        var records = new ArrayList<ApiMessage>();
        if (state != next) {
            addRecords(image, broker, next, records);
        }
        sessions.heard(broker, request.currentMetadataOffset(), nowMs);
        if (next == State.CONTROLLED_SHUTDOWN) {
            sessions.shuttingDown(broker, image.index() + (records.isEmpty() ? 0 : 1));
        }
        addDirectoryRecords(image, broker, request, records);
        var response = new BrokerHeartbeatResponse()
                .isCaughtUp(caughtUp)
                .isFenced(next == State.FENCED || next == State.SHUTDOWN_NOW)
                .shouldShutDown(next == State.SHUTDOWN_NOW);
        String note = state == next ? null : "Broker " + broker.id() + " goes from " + state + " to " + next;
        return new Decision<>(records, response, note);
    }

    /** An epoch is the index after that of the image it was decided on, so it never lies beyond the registration's own by much. */
    private static boolean isCaughtUp(MetadataImage image, BrokerImage broker, long index) {
        return index >= Math.min(broker.epoch(), image.index());
    }

    private static State state(BrokerImage broker) {
        if (broker.fenced()) {
            return State.FENCED;
        }
        return broker.inControlledShutdown() ? State.CONTROLLED_SHUTDOWN : State.UNFENCED;
    }

    private State next(
            MetadataImage image, BrokerImage broker, State state, BrokerHeartbeatRequest request, boolean caughtUp) {
        switch (state) {
            case FENCED:
                if (request.wantShutDown()) {
                    return State.SHUTDOWN_NOW;
                }
                // One that was on its way out comes back as a new incarnation only.
                boolean welcome = !request.wantFence() && caughtUp && !broker.inControlledShutdown();
                return welcome ? State.UNFENCED : State.FENCED;
            case UNFENCED:
                if (request.wantFence()) {
                    return request.wantShutDown() ? State.SHUTDOWN_NOW : State.FENCED;
                }
                if (!request.wantShutDown()) {
                    return State.UNFENCED;
                }
                return PartitionMoves.leadsAny(image, broker.id()) ? State.CONTROLLED_SHUTDOWN : State.SHUTDOWN_NOW;
            default:
                boolean free = !PartitionMoves.leadsAny(image, broker.id()) && sessions.mayShutDown(broker, image);
                return free ? State.SHUTDOWN_NOW : State.CONTROLLED_SHUTDOWN;
        }
    }

    private void addRecords(MetadataImage image, BrokerImage broker, State next, List<ApiMessage> records) {
        switch (next) {
            case UNFENCED:
                records.add(change(broker).fenced(UNFENCE));
                moves.returned(image, broker.id(), records);
                break;
            case CONTROLLED_SHUTDOWN:
                records.add(change(broker).inControlledShutdown(ENTER_CONTROLLED_SHUTDOWN));
                moves.left(image, broker.id(), records);
                break;
            default:
                fence(image, broker, records);
        }
    }

    private void fence(MetadataImage image, BrokerImage broker, List<ApiMessage> records) {
        if (!broker.fenced()) {
            moves.left(image, broker.id(), records);
            records.add(change(broker).fenced(FENCE));
        }
    }

    private static BrokerRegistrationChangeRecord change(BrokerImage broker) {
        return new BrokerRegistrationChangeRecord().brokerId(broker.id()).brokerEpoch(broker.epoch());
    }

    private void addDirectoryRecords(
            MetadataImage image, BrokerImage broker, BrokerHeartbeatRequest request, List<ApiMessage> records) {
        var lost = new ArrayList<Uuid>(broker.directories());
        lost.retainAll(request.offlineLogDirs());
        if (!lost.isEmpty()) {
            moves.directoriesLost(image.applyAll(records), broker.id(), lost, records);
            var left = new ArrayList<>(broker.directories());
            left.removeAll(lost);
            records.add(change(broker).logDirs(left));
        }
        if (image.features().tracksCordonedDirectories() && cordonsOthers(broker, request.cordonedLogDirs())) {
            records.add(change(broker).cordonedLogDirs(request.cordonedLogDirs()));
        }
    }

    /** @param told null if the broker does not say */
    private static boolean cordonsOthers(BrokerImage broker, List<Uuid> told) {
        var known = broker.cordonedDirectories();
        return told != null && (known == null || !Set.copyOf(known).equals(Set.copyOf(told)));
    }

    Decision<UnregisterBrokerResponse> unregister(MetadataImage image, UnregisterBrokerRequest request) {
        var broker = image.cluster().broker(request.brokerId());
        if (broker == null) {
            return Decision.nothing(new UnregisterBrokerResponse()
                    .errorCode(ErrorCode.BROKER_ID_NOT_REGISTERED.code())
                    .errorMessage("Broker ID " + request.brokerId() + " is not currently registered"));
        }
        var records = new ArrayList<ApiMessage>();
        moves.gone(image, broker.id(), records);
        records.add(new UnregisterBrokerRecord().brokerId(broker.id()).brokerEpoch(broker.epoch()));
        return new Decision<>(
                records, new UnregisterBrokerResponse(), "Broker " + broker.id() + " is no longer registered");
    }

    /** Fences one broker that has been silent for too long; no records if there is none. */
    Decision<Void> fenceSilent(MetadataImage image, long nowMs) {
        for (var broker : image.cluster().brokers()) {
            if (!broker.fenced() && !sessions.isAlive(broker, nowMs)) {
                var records = new ArrayList<ApiMessage>();
                fence(image, broker, records);
                return new Decision<>(
                        records,
                        null,
                        "Broker " + broker.id() + " sent no heartbeat for " + sessions.timeoutMs()
                                + " ms (broker.session.timeout.ms) and is fenced");
            }
        }
        return Decision.nothing(null);
    }

    Decision<AllocateProducerIdsResponse> allocateProducerIds(MetadataImage image, AllocateProducerIdsRequest request) {
        String stale = staleness(image, request.brokerId(), request.brokerEpoch());
        if (stale != null) {
            return Decision.refused(
                    new AllocateProducerIdsResponse().errorCode(ErrorCode.STALE_BROKER_EPOCH.code()),
                    "AllocateProducerIds was refused: " + stale);
        }
        long first = image.producerIds().nextProducerId();
        if (first > Long.MAX_VALUE - PRODUCER_IDS_PER_BLOCK) {
            return Decision.refused(
                    new AllocateProducerIdsResponse().errorCode(ErrorCode.UNKNOWN_SERVER_ERROR.code()),
                    "All producer ids have been given out");
        }
        var record = new ProducerIdsRecord()
                .brokerId(request.brokerId())
                .brokerEpoch(request.brokerEpoch())
                .nextProducerId(first + PRODUCER_IDS_PER_BLOCK);
        return Decision.of(
                List.of(record),
                new AllocateProducerIdsResponse().producerIdStart(first).producerIdLen(PRODUCER_IDS_PER_BLOCK));
    }
}
