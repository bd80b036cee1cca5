package io.barnabas.broker.handler.data;

import java.util.ArrayList;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ProduceRequest;
import io.barnabas.protocol.message.ProduceRequest.PartitionProduceData;
import io.barnabas.protocol.message.ProduceRequest.TopicProduceData;
import io.barnabas.protocol.message.ProduceResponse;
import io.barnabas.protocol.message.ProduceResponse.PartitionProduceResponse;
import io.barnabas.protocol.message.ProduceResponse.TopicProduceResponse;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * API 0 · Produce · v3–13, advertised from v0.
 *
 * <ul>
 *   <li>v0–2: never answered, but advertised: librdkafka takes their absence for an old broker (KAFKA-18659)
 *   <li>v7: zstd; older requests with it get UNSUPPORTED_COMPRESSION_TYPE
 *   <li>v8: errors of single records (KIP-467)
 *   <li>v10: the current leader and its endpoint when this broker is not it (KIP-951)
 *   <li>v13: topics by id
 * </ul>
 *
 * acks=0 gets no response; an error closes the connection. Transactional batches are refused: no transaction coordinator runs,
 * so no transactional id is known.
 */
public final class ProduceHandler implements Handler<ProduceRequest> {
    private final Partitions partitions;
    private final Cluster cluster;

    public ProduceHandler(Partitions partitions, Cluster cluster) {
        this.partitions = partitions;
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.PRODUCE;
    }

    @Override
    public short advertisedLowestVersion() {
        return 0;
    }

    @Override
    public CompletionStage<ProduceResponse> handle(RequestContext context, ProduceRequest request) {
        var call = new ProduceCall(context, request.acks(), cluster);
        ErrorCode refusal = refusal(request);
        var appends = new ArrayList<ProduceAppend>(1);
        for (TopicProduceData topic : request.topicData()) {
            String name = nameOf(topic, context.apiVersion());
            var topicResponse = call.addTopic(topic, name);
            for (PartitionProduceData partition : topic.partitionData()) {
                var response = new PartitionProduceResponse().index(partition.index());
                topicResponse.partitionResponses().add(response);
                var append = append(call, name, partition, response, refusal);
                if (append != null) {
                    appends.add(append);
                }
            }
        }
        call.start(appends);
        return call.answer();
    }

    private static ErrorCode refusal(ProduceRequest request) {
        if (request.acks() < -1 || request.acks() > 1) {
            return ErrorCode.INVALID_REQUIRED_ACKS;
        }
        return ErrorCode.NONE;
    }

    /** Null if the topic id is unknown. */
    private String nameOf(TopicProduceData topic, short version) {
        if (version < 13 || topic.topicId().equals(Uuid.ZERO)) {
            return topic.name();
        }
        return cluster.topicName(topic.topicId());
    }

    /** What is to be appended, or null if the partition's response is an error already. */
    private ProduceAppend append(
            ProduceCall call,
            String topic,
            PartitionProduceData data,
            PartitionProduceResponse response,
            ErrorCode refusal) {
        if (topic == null) {
            call.reject(response, ErrorCode.UNKNOWN_TOPIC_ID, null);
            return null;
        }
        var name = new TopicPartition(topic, data.index());
        var partition = partitions.find(name);
        if (partition == null && !cluster.contains(name)) {
            call.reject(response, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null);
            return null;
        }
        var problem = ProduceChecks.check(call.context().apiVersion(), data.records());
        if (problem != null) {
            call.reject(response, problem.error(), problem.message());
            return null;
        }
        if (refusal != ErrorCode.NONE) {
            call.reject(response, refusal, null);
            return null;
        }
        if (ProduceChecks.isTransactional(data.records())) {
            call.reject(response, ErrorCode.INVALID_PRODUCER_ID_MAPPING, null);
            return null;
        }
        if (cluster.isInternal(topic) && !call.context().clientId().equals("__admin_client")) {
            call.reject(response, ErrorCode.INVALID_TOPIC_EXCEPTION, "Cannot append to internal topic " + topic);
            return null;
        }
        if (partition == null && partitions.isOffline(name)) {
            call.reject(response, ErrorCode.KAFKA_STORAGE_ERROR, null);
            return null;
        }
        if (partition == null) {
            call.reject(response, name, ErrorCode.NOT_LEADER_OR_FOLLOWER);
            return null;
        }
        return new ProduceAppend(call, partition, data.records().buffer(), response);
    }

    @Override
    public ApiMessage failure(RequestContext context, ProduceRequest request, ErrorCode error) {
        if (request.acks() == 0) {
            return null;
        }
        var answer = new ProduceResponse();
        for (TopicProduceData topic : request.topicData()) {
            var topicResponse = new TopicProduceResponse().name(topic.name()).topicId(topic.topicId());
            for (PartitionProduceData partition : topic.partitionData()) {
                topicResponse
                        .partitionResponses()
                        .add(new PartitionProduceResponse()
                                .index(partition.index())
                                .baseOffset(-1)
                                .errorCode(error.code())
                                .errorMessage(error.message()));
            }
            answer.responses().add(topicResponse);
        }
        return answer;
    }
}
