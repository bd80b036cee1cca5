package io.barnabas.broker.coordinator.group;

import java.util.List;

import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.DeleteGroupsResponse;
import io.barnabas.protocol.message.DeleteGroupsResponse.DeletableGroupResult;
import io.barnabas.protocol.message.OffsetDeleteRequest;
import io.barnabas.protocol.message.OffsetDeleteResponse;
import io.barnabas.protocol.message.OffsetDeleteResponse.OffsetDeleteResponsePartition;
import io.barnabas.protocol.message.OffsetDeleteResponse.OffsetDeleteResponseTopic;

/**
 * The end of groups and offsets: asked for (DeleteGroups, API 42; OffsetDelete, API 47), by retention, or with their topic. The
 * records are decided, not applied.
 */
final class Removals {
    private final GroupConfig config;
    private final Groups groups;
    private final OffsetStore store;
    private final GroupCounts counts;

    Removals(GroupConfig config, Groups groups, OffsetStore store, GroupCounts counts) {
        this.config = config;
        this.groups = groups;
        this.store = store;
        this.counts = counts;
    }

    void deleteGroups(List<String> ids, Pending pending, Turn turn) {
        var response = new DeleteGroupsResponse();
        for (String id : ids) {
            var error = deleteGroup(id, turn);
            response.results().add(new DeletableGroupResult().groupId(id).errorCode(error.code()));
        }
        turn.mayBeSplit();
        turn.reply(pending, response);
    }

    private ErrorCode deleteGroup(String id, Turn turn) {
        var group = groups.find(id);
        if (group == null) {
            return ErrorCode.GROUP_ID_NOT_FOUND;
        }
        if (!group.isEmpty()) {
            return ErrorCode.NON_EMPTY_GROUP;
        }
        for (var partition : store.partitionsOf(id)) {
            turn.record(GroupRecords.offsetGone(id, partition.topic(), partition.partition()));
        }
        recordGone(group, turn);
        return ErrorCode.NONE;
    }

    private static void recordGone(Group group, Turn turn) {
        if (group instanceof ConsumerGroup consumer) {
            var records = new ConsumerRecords(group.id());
            records.groupGone(consumer, consumer.memberIds());
            records.all().forEach(turn::record);
        } else {
            turn.record(GroupRecords.groupGone(group.id()));
        }
    }

    void deleteOffsets(OffsetDeleteRequest request, Pending pending, Turn turn) {
        var group = groups.find(request.groupId());
        var response = new OffsetDeleteResponse();
        turn.reply(pending, response);
        if (group == null) {
            response.errorCode(ErrorCode.GROUP_ID_NOT_FOUND.code());
            return;
        }
        if (group instanceof ClassicGroup classic && !classic.isEmpty() && !classic.usesConsumerProtocol()) {
            response.errorCode(ErrorCode.NON_EMPTY_GROUP.code());
            return;
        }
        for (var topic : request.topics()) {
            boolean subscribed = group.isSubscribedTo(topic.name());
            var answered = new OffsetDeleteResponseTopic().name(topic.name());
            for (var asked : topic.partitions()) {
                int partition = asked.partitionIndex();
                var error = subscribed ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE;
                answered.partitions()
                        .add(new OffsetDeleteResponsePartition()
                                .partitionIndex(partition)
                                .errorCode(error.code()));
                if (!subscribed && holds(group.id(), topic.name(), partition)) {
                    turn.record(GroupRecords.offsetGone(group.id(), topic.name(), partition));
                    counts.add(GroupCounts.Count.OFFSET_DELETIONS, 1);
                }
            }
            response.topics().add(answered);
        }
        turn.mayBeSplit();
    }

    private boolean holds(String group, String topic, int partition) {
        return store.get(group, topic, partition) != null || store.isUnstable(group, topic, partition);
    }

    /** Offsets of a topic that is gone are of no use to the next topic of that name. */
    void topicDeleted(String topic, Uuid id, Turn turn) {
        for (String group : store.groups()) {
            for (int partition : store.partitionsOf(group, topic, id)) {
                turn.record(GroupRecords.offsetGone(group, topic, partition));
            }
        }
        turn.mayBeSplit();
    }

    /** Offsets past their retention, and groups that hold nothing any more. */
    void expire(Turn turn) {
        for (var group : groups.all()) {
            int before = turn.records().size();
            boolean nothingLeft = expireOffsets(group, turn);
            int expired = turn.records().size() - before;
            if (expired > 0) {
                counts.add(GroupCounts.Count.OFFSET_EXPIRATIONS, expired);
                turn.notice(group.notice(Notice.Kind.OFFSETS_EXPIRED, expired + " offsets are past their retention"));
            }
            if (nothingLeft && group.isEmpty()) {
                recordGone(group, turn);
            }
        }
        turn.mayBeSplit();
    }

    private boolean expireOffsets(Group group, Turn turn) {
        if (!store.hasOffsets(group.id())) {
            return !store.hasOpenTransactions(group.id());
        }
        if (!mayExpire(group)) {
            return false;
        }
        boolean nothingLeft = !store.hasOpenTransactions(group.id());
        for (var topic : store.of(group.id()).topics().entrySet()) {
            boolean subscribed = group.isSubscribedTo(topic.getKey());
            for (var partition : topic.getValue().entrySet()) {
                if (!subscribed
                        && isExpired(group, partition.getValue(), turn)
                        && !store.isUnstable(group.id(), topic.getKey(), partition.getKey())) {
                    turn.record(GroupRecords.offsetGone(group.id(), topic.getKey(), partition.getKey()));
                } else {
                    nothingLeft = false;
                }
            }
        }
        return nothingLeft;
    }

    /** With members, only a consumer group and a stable classic group whose subscriptions are known says which offsets it does not need. */
    private static boolean mayExpire(Group group) {
        return !(group instanceof ClassicGroup classic)
                || classic.protocolType() == null
                || classic.isEmpty()
                || classic.isIn(GroupState.STABLE)
                        && classic.usesConsumerProtocol()
                        && classic.subscribedTopics() != null;
    }

    private boolean isExpired(Group group, CommittedOffset offset, Turn turn) {
        long sinceMs = offset.commitTimestampMs();
        if (group instanceof ClassicGroup classic
                && classic.protocolType() != null
                && classic.isEmpty()
                && classic.stateSinceEpochMs() != -1) {
            sinceMs = classic.stateSinceEpochMs();
        }
        return offset.isExpired(turn.epochMs(), sinceMs, config.offsetsRetentionMs());
    }
}
