package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.OffsetCommitRequest;
import io.barnabas.protocol.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.barnabas.protocol.message.OffsetCommitResponse;
import io.barnabas.protocol.message.OffsetCommitResponse.OffsetCommitResponsePartition;
import io.barnabas.protocol.message.OffsetCommitResponse.OffsetCommitResponseTopic;
import io.barnabas.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.barnabas.protocol.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import io.barnabas.protocol.message.OffsetFetchResponse.OffsetFetchResponsePartitions;
import io.barnabas.protocol.message.OffsetFetchResponse.OffsetFetchResponseTopics;

/** Commits and fetches of offsets (APIs 8 and 9). */
final class Offsets {
    private static final int NO_GENERATION = -1;
    private static final long NO_OFFSET = -1;
    private static final long NO_RETENTION = -1;
    private static final short FIRST_VERSION_THAT_KNOWS_MISSING_GROUPS = 9;

    private final GroupConfig config;
    private final Groups groups;
    private final OffsetStore store;

    Offsets(GroupConfig config, Groups groups, OffsetStore store) {
        this.config = config;
        this.groups = groups;
        this.store = store;
    }

    /** Topics have names, and ids where known. The records are decided, not applied. */
    void commit(Caller caller, OffsetCommitRequest request, Pending pending, Turn turn) {
        var group = groups.find(request.groupId());
        var error = group == null ? checkMissing(caller, request) : check(caller, group, request);
        if (error != ErrorCode.NONE) {
            turn.reply(pending, refused(request, error));
            return;
        }
        if (group instanceof ClassicGroup classic
                && (classic.isIn(GroupState.STABLE) || classic.isIn(GroupState.PREPARING_REBALANCE))) {
            // Who commits is alive.
            classic.startSession(classic.members().get(request.memberId()), turn);
        }
        long expireMs = request.retentionTimeMs() == NO_RETENTION
                ? CommittedOffset.NO_EXPIRY
                : turn.epochMs() + request.retentionTimeMs();
        var response = new OffsetCommitResponse();
        var records = new ArrayList<CoordinatorRecord>();
        for (var topic : request.topics()) {
            var answered = new OffsetCommitResponseTopic().name(topic.name()).topicId(topic.topicId());
            for (var partition : topic.partitions()) {
                var result = new OffsetCommitResponsePartition().partitionIndex(partition.partitionIndex());
                answered.partitions().add(result);
                if (isTooLong(partition.committedMetadata())) {
                    result.errorCode(ErrorCode.OFFSET_METADATA_TOO_LARGE.code());
                } else {
                    records.add(GroupRecords.offset(
                            request.groupId(),
                            topic.name(),
                            partition.partitionIndex(),
                            offset(partition, topic.topicId(), turn.epochMs(), expireMs)));
                }
            }
            response.topics().add(answered);
        }
        for (var record : records) {
            if (record.sizeBytes() > config.maxRecordBytes()) {
                turn.reply(pending, refused(request, ErrorCode.UNKNOWN_SERVER_ERROR));
                return;
            }
        }
        turn.records(records);
        turn.mayBeSplit();
        turn.reply(pending, response);
    }

    private static CommittedOffset offset(
            OffsetCommitRequestPartition partition, Uuid topicId, long nowMs, long expireMs) {
        return new CommittedOffset(
                partition.committedOffset(),
                partition.committedLeaderEpoch(),
                partition.committedMetadata() == null ? "" : partition.committedMetadata(),
                nowMs,
                expireMs,
                topicId);
    }

    private boolean isTooLong(String metadata) {
        return metadata != null && metadata.length() > config.offsetMetadataMaxLength();
    }

    private static ErrorCode checkMissing(Caller caller, OffsetCommitRequest request) {
        if (request.generationIdOrMemberEpoch() < 0) {
            // An administrator, or a consumer that assigns its partitions itself: the offsets make a simple group.
            return ErrorCode.NONE;
        }
        return caller.apiVersion() >= FIRST_VERSION_THAT_KNOWS_MISSING_GROUPS
                ? ErrorCode.GROUP_ID_NOT_FOUND
                : ErrorCode.ILLEGAL_GENERATION;
    }

    private ErrorCode check(Caller caller, Group group, OffsetCommitRequest request) {
        return group instanceof ConsumerGroup consumer
                ? MemberChecks.commit(caller, consumer, request, metadata -> !isTooLong(metadata))
                : check((ClassicGroup) group, request);
    }

    private static ErrorCode check(ClassicGroup group, OffsetCommitRequest request) {
        int generation = request.generationIdOrMemberEpoch();
        if (generation <= NO_GENERATION && group.isIn(GroupState.EMPTY)) {
            return ErrorCode.NONE;
        }
        if (generation <= NO_GENERATION && request.memberId().isEmpty() && request.groupInstanceId() == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        var error = group.members().check(request.memberId(), request.groupInstanceId());
        if (error != ErrorCode.NONE) {
            return error;
        }
        if (generation != group.generation()) {
            return ErrorCode.ILLEGAL_GENERATION;
        }
        // It knows the new generation but has no assignment in it, so nothing to commit for: let it join in.
        return group.isIn(GroupState.COMPLETING_REBALANCE) ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
    }

    /** The same error for all partitions of a request. */
    static OffsetCommitResponse refused(OffsetCommitRequest request, ErrorCode error) {
        var response = new OffsetCommitResponse();
        for (var topic : request.topics()) {
            var answered = new OffsetCommitResponseTopic().name(topic.name()).topicId(topic.topicId());
            for (var partition : topic.partitions()) {
                answered.partitions()
                        .add(new OffsetCommitResponsePartition()
                                .partitionIndex(partition.partitionIndex())
                                .errorCode(error.code()));
            }
            response.topics().add(answered);
        }
        return response;
    }

    /** Topics have names; null topics ask for all that was committed. */
    OffsetFetchResponseGroup fetch(OffsetFetchRequestGroup request, boolean requireStable) {
        var group = groups.find(request.groupId());
        boolean known = group != null;
        var error = group instanceof ConsumerGroup consumer
                ? MemberChecks.fetch(consumer, request.memberId(), request.memberEpoch())
                : ErrorCode.NONE;
        if (error != ErrorCode.NONE) {
            return new OffsetFetchResponseGroup().groupId(request.groupId()).errorCode(error.code());
        }
        return new OffsetFetchResponseGroup()
                .groupId(request.groupId())
                .topics(
                        request.topics() == null
                                ? known ? all(request.groupId(), requireStable) : new ArrayList<>()
                                : named(request, known, requireStable));
    }

    private List<OffsetFetchResponseTopics> named(
            OffsetFetchRequestGroup request, boolean known, boolean requireStable) {
        var topics = new ArrayList<OffsetFetchResponseTopics>(request.topics().size());
        for (var topic : request.topics()) {
            var answered = new OffsetFetchResponseTopics().name(topic.name()).topicId(topic.topicId());
            for (int partition : topic.partitionIndexes()) {
                var offset = known ? store.get(request.groupId(), topic.name(), partition) : null;
                boolean unstable =
                        known && requireStable && store.isUnstable(request.groupId(), topic.name(), partition);
                answered.partitions()
                        .add(answer(
                                partition,
                                offset != null && offset.isOfTopic(topic.topicId()) ? offset : null,
                                unstable));
            }
            topics.add(answered);
        }
        return topics;
    }

    private List<OffsetFetchResponseTopics> all(String group, boolean requireStable) {
        var topics = new ArrayList<OffsetFetchResponseTopics>();
        for (Map.Entry<String, Map<Integer, CommittedOffset>> topic :
                store.of(group).topics().entrySet()) {
            var answered = new OffsetFetchResponseTopics().name(topic.getKey());
            topic.getValue().forEach((partition, offset) -> answered.partitions()
                    .add(answer(
                            partition, offset, requireStable && store.isUnstable(group, topic.getKey(), partition))));
            topics.add(answered);
        }
        return topics;
    }

    private static OffsetFetchResponsePartitions answer(int partition, CommittedOffset offset, boolean unstable) {
        var answer = new OffsetFetchResponsePartitions().partitionIndex(partition);
        if (unstable) {
            answer.errorCode(ErrorCode.UNSTABLE_OFFSET_COMMIT.code());
        }
        return unstable || offset == null
                ? answer.committedOffset(NO_OFFSET)
                        .committedLeaderEpoch(CommittedOffset.NO_EPOCH)
                        .metadata("")
                : answer.committedOffset(offset.offset())
                        .committedLeaderEpoch(offset.leaderEpoch())
                        .metadata(offset.metadata());
    }
}
