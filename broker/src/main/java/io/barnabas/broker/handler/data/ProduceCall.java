package io.barnabas.broker.handler.data;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.CloseConnection;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.partition.Worker;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.message.ProduceRequest.TopicProduceData;
import io.barnabas.protocol.message.ProduceResponse;
import io.barnabas.protocol.message.ProduceResponse.PartitionProduceResponse;
import io.barnabas.protocol.message.ProduceResponse.TopicProduceResponse;

/**
 * One Produce request in progress. Each partition's part of the response is filled in by the worker that owns the partition; the
 * last to finish completes the answer.
 */
final class ProduceCall {
    private static final short FIRST_LEADER_HINT_VERSION = 10;

    private final RequestContext context;
    private final short acks;
    private final Cluster cluster;
    private final ProduceResponse response = new ProduceResponse();
    private final CompletableFuture<ProduceResponse> answer = new CompletableFuture<>();
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile ErrorCode firstError = ErrorCode.NONE;

    ProduceCall(RequestContext context, short acks, Cluster cluster) {
        this.context = context;
        this.acks = acks;
        this.cluster = cluster;
    }

    RequestContext context() {
        return context;
    }

    boolean allInsync() {
        return acks == -1;
    }

    CompletionStage<ProduceResponse> answer() {
        return answer;
    }

    TopicProduceResponse addTopic(TopicProduceData topic, String name) {
        var part = new TopicProduceResponse()
                .name(name == null ? topic.name() : name)
                .topicId(topic.topicId());
        response.responses().add(part);
        return part;
    }

    /** Sends the appends to their owners: one task for each worker concerned. */
    void start(List<ProduceAppend> appends) {
        if (appends.isEmpty()) {
            finish();
            return;
        }
        unfinished.set(appends.size());
        if (appends.size() == 1) {
            var only = appends.get(0);
            only.partition().worker().execute(only);
            return;
        }
        Map<Worker, List<ProduceAppend>> byWorker = new IdentityHashMap<>();
        for (var append : appends) {
            byWorker.computeIfAbsent(append.partition().worker(), worker -> new ArrayList<>())
                    .add(append);
        }
        byWorker.forEach((worker, parts) -> worker.execute(() -> parts.forEach(ProduceAppend::run)));
    }

    /** One append is done; its part of the response is filled in. */
    void finishedOne() {
        if (unfinished.decrementAndGet() == 0) {
            finish();
        }
    }

    private void finish() {
        if (acks != 0) {
            answer.complete(response);
        } else if (firstError == ErrorCode.NONE) {
            answer.complete(null);
        } else {
            answer.completeExceptionally(new CloseConnection("a Produce request with acks=0 (correlation id "
                    + context.correlationId() + ", client id " + context.clientId() + ") failed with " + firstError));
        }
    }

    void reject(PartitionProduceResponse part, ErrorCode error, String message) {
        firstError = error;
        part.errorCode(error.code()).baseOffset(-1).logAppendTimeMs(-1).logStartOffset(-1);
        if (context.apiVersion() >= 8 && message != null) {
            part.errorMessage(message);
        }
    }

    /** As above; a client that asked the wrong broker learns of the right one (KIP-951). */
    void reject(PartitionProduceResponse part, TopicPartition partition, ErrorCode error) {
        reject(part, error, null);
        if (context.apiVersion() >= FIRST_LEADER_HINT_VERSION && error == ErrorCode.NOT_LEADER_OR_FOLLOWER) {
            var leader = cluster.leaderOf(partition);
            part.currentLeader().leaderId(leader.leaderId()).leaderEpoch(leader.epoch());
            cluster.node(leader.leaderId(), context.listenerName()).ifPresent(this::addEndpoint);
        }
    }

    private void addEndpoint(Cluster.Node node) {
        synchronized (response) {
            for (var known : response.nodeEndpoints()) {
                if (known.nodeId() == node.id()) {
                    return;
                }
            }
            response.nodeEndpoints()
                    .add(new ProduceResponse.NodeEndpoint()
                            .nodeId(node.id())
                            .host(node.host())
                            .port(node.port())
                            .rack(node.rack()));
        }
    }
}
