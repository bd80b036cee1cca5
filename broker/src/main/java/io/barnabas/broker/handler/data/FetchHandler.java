package io.barnabas.broker.handler.data;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.handler.data.FetchCall.FetchLimits;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.time.Timer;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FetchRequest;
import io.barnabas.protocol.message.FetchResponse;
import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.storage.log.ReadIsolation;

/**
 * API 1 · Fetch · v4–18.
 *
 * <ul>
 *   <li>v5 and below: KAFKA_STORAGE_ERROR is told as NOT_LEADER_OR_FOLLOWER
 *   <li>v7: sessions (KIP-227)
 *   <li>v9: leader epochs are checked (KIP-320)
 *   <li>v11: rack id; no replica selector is configured, so no preferred replica is ever named
 *   <li>v12: the last fetched epoch is compared (KIP-595)
 *   <li>v13: topics by id
 *   <li>v16: the current leader and its endpoint when this broker is not it (KIP-951)
 * </ul>
 *
 * Records leave as stored: batches, the first perhaps beginning below the offset asked for, the last perhaps cut off by the limit.
 */
public final class FetchHandler implements Handler<FetchRequest> {
    private static final byte READ_COMMITTED = 1;

    private final FetchReader reader;
    private final FetchSessions sessions;
    private final Cluster cluster;
    private final Timer timer;
    private final int maxBytes;
    private final ColdReads coldReads;

    /**
     * @param readers may wait for a disk
     * @param maxBytes {@code fetch.max.bytes}: no answer is larger, except for a first batch that is
     */
    public FetchHandler(
            Partitions partitions,
            FetchSessions sessions,
            Cluster cluster,
            Timer timer,
            Executor readers,
            int maxBytes) {
        this.reader = new FetchReader(partitions, cluster);
        this.sessions = sessions;
        this.cluster = cluster;
        this.timer = timer;
        this.coldReads = new ColdReads(readers);
        this.maxBytes = maxBytes;
    }

    @Override
    public ApiKey api() {
        return ApiKey.FETCH;
    }

    @Override
    public CompletionStage<FetchResponse> handle(RequestContext context, FetchRequest request) {
        short version = context.apiVersion();
        var scope = FetchScope.of(request, version, sessions, System.currentTimeMillis());
        int replicaId = version >= 15 ? request.replicaState().replicaId() : request.replicaId();
        int most = Math.min(request.maxBytes(), maxBytes);
        var limits = new FetchLimits(
                request.maxWaitMs(),
                Math.min(request.minBytes(), most),
                most,
                request.isolationLevel() == READ_COMMITTED ? ReadIsolation.COMMITTED : ReadIsolation.HIGH_WATERMARK,
                replicaId >= 0);
        var call = new FetchCall(context, scope, limits, reader, coldReads, sessions, cluster);
        call.start(timer);
        return call.answer();
    }

    @Override
    public ApiMessage failure(RequestContext context, FetchRequest request, ErrorCode error) {
        var response = new FetchResponse().errorCode(error.code()).sessionId(request.sessionId());
        if (context.apiVersion() < 13) {
            for (var topic : request.topics()) {
                var failed = new FetchResponse.FetchableTopicResponse().topic(topic.topic());
                for (var partition : topic.partitions()) {
                    failed.partitions().add(FetchReader.failure(partition.partition(), error));
                }
                response.responses().add(failed);
            }
        }
        return response;
    }
}
