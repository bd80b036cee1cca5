package io.barnabas.broker.handler.group;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.AutoTopics;
import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.message.FindCoordinatorRequest;
import io.barnabas.protocol.message.FindCoordinatorResponse;
import io.barnabas.protocol.message.FindCoordinatorResponse.Coordinator;

/**
 * API 10 · FindCoordinator · v0–6.
 *
 * <p>v1: key types (0 group, 1 transaction); v4: many keys at once (KIP-699); v6: key type 2, share (KIP-932). The coordinator of
 * a group is the leader of the partition of {@code __consumer_offsets} that its id hashes to; the topic is created when the first
 * group is looked for. This broker coordinates neither transactions nor share
 * groups, and says so with an error after which clients do not ask again: UNSUPPORTED_VERSION, with a sentence.
 */
final class FindCoordinatorHandler implements Handler<FindCoordinatorRequest> {
    private static final byte GROUP = 0;
    private static final byte TRANSACTION = 1;
    private static final byte SHARE = 2;
    private static final short FIRST_SHARE_VERSION = 6;
    private static final short FIRST_BATCH_VERSION = 4;
    private static final String NO_TRANSACTIONS =
            "This broker does not serve transactions: use a producer without transactional.id (it may be idempotent)";
    private static final String NO_SHARE_GROUPS = "This broker does not serve share groups";
    /** What Kafka says in v1 to v3 where there is no error. */
    private static final String NO_ERROR_TEXT = "NONE";

    private final GroupCoordinator coordinator;
    private final Cluster cluster;
    private final AutoTopics autoTopics;

    FindCoordinatorHandler(GroupCoordinator coordinator, Cluster cluster, AutoTopics autoTopics) {
        this.coordinator = coordinator;
        this.cluster = cluster;
        this.autoTopics = autoTopics;
    }

    @Override
    public ApiKey api() {
        return ApiKey.FIND_COORDINATOR;
    }

    @Override
    public CompletionStage<FindCoordinatorResponse> handle(RequestContext context, FindCoordinatorRequest request) {
        return CompletableFuture.completedFuture(
                request.keyType() < GROUP || request.keyType() > SHARE
                        ? failure(context, request, ErrorCode.INVALID_REQUEST)
                        : context.apiVersion() < FIRST_BATCH_VERSION
                                ? single(find(context, request.keyType(), request.key()))
                                : findAll(context, request));
    }

    private FindCoordinatorResponse findAll(RequestContext context, FindCoordinatorRequest request) {
        var response = new FindCoordinatorResponse();
        for (String key : request.coordinatorKeys()) {
            response.coordinators().add(find(context, request.keyType(), key).key(key));
        }
        return response;
    }

    private static FindCoordinatorResponse single(Coordinator found) {
        var error = ErrorCode.of(found.errorCode());
        return new FindCoordinatorResponse()
                .errorCode(found.errorCode())
                .errorMessage(textOf(found, error))
                .nodeId(found.nodeId())
                .host(found.host())
                .port(found.port());
    }

    private static String textOf(Coordinator found, ErrorCode error) {
        if (error == ErrorCode.NONE) {
            return NO_ERROR_TEXT;
        }
        return found.errorMessage() == null || found.errorMessage().isEmpty() ? error.message() : found.errorMessage();
    }

    private Coordinator find(RequestContext context, byte keyType, String key) {
        if (keyType == SHARE && context.apiVersion() < FIRST_SHARE_VERSION) {
            return none(ErrorCode.INVALID_REQUEST);
        }
        if (keyType == TRANSACTION) {
            return none(ErrorCode.UNSUPPORTED_VERSION).errorMessage(NO_TRANSACTIONS);
        }
        if (keyType == SHARE) {
            return none(ErrorCode.UNSUPPORTED_VERSION).errorMessage(NO_SHARE_GROUPS);
        }
        if (cluster.image().topics().byName(GroupCoordinator.TOPIC) == null) {
            autoTopics.createOffsetsTopic();
            return none(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        }
        var partition = new TopicPartition(GroupCoordinator.TOPIC, coordinator.partitionOf(key));
        var node = cluster.node(cluster.leaderOf(partition).leaderId(), context.listenerName());
        return node.map(leader -> new Coordinator()
                        .nodeId(leader.id())
                        .host(leader.host())
                        .port(leader.port()))
                .orElseGet(() -> none(ErrorCode.COORDINATOR_NOT_AVAILABLE));
    }

    private static Coordinator none(ErrorCode error) {
        return new Coordinator().errorCode(error.code()).nodeId(-1).host("").port(-1);
    }

    @Override
    public FindCoordinatorResponse failure(RequestContext context, FindCoordinatorRequest request, ErrorCode error) {
        if (context.apiVersion() < FIRST_BATCH_VERSION) {
            return single(none(error));
        }
        var response = new FindCoordinatorResponse();
        for (String key : request.coordinatorKeys()) {
            response.coordinators().add(none(error).key(key).errorMessage(error.message()));
        }
        return response;
    }
}
