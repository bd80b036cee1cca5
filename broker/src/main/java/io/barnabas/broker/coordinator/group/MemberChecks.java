package io.barnabas.broker.coordinator.group;

import java.util.function.Predicate;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.OffsetCommitRequest;

/** Whether members of a consumer group may commit and fetch offsets. Stateless. */
final class MemberChecks {
    private static final short FIRST_VERSION_WITH_EPOCHS = 9;

    private MemberChecks() {}

    /**
     * A commit in the member's epoch is good for everything; one of an older epoch for partitions that the member has had since.
     *
     * @param counts whether a partition with this metadata would be committed at all
     */
    static ErrorCode commit(Caller caller, ConsumerGroup group, OffsetCommitRequest request, Predicate<String> counts) {
        int epoch = request.generationIdOrMemberEpoch();
        if (epoch < 0 && group.isEmpty()) {
            return ErrorCode.NONE;
        }
        var member = group.member(request.memberId());
        if (member == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        if (!member.profile().speaksClassic() && caller.apiVersion() < FIRST_VERSION_WITH_EPOCHS) {
            return ErrorCode.UNSUPPORTED_VERSION;
        }
        if (epoch == member.epoch()) {
            return ErrorCode.NONE;
        }
        if (epoch > member.epoch()) {
            return stale(member);
        }
        for (var topic : request.topics()) {
            for (var partition : topic.partitions()) {
                var since = member.progress().epochOf(topic.topicId(), partition.partitionIndex());
                if (counts.test(partition.committedMetadata()) && (since == null || epoch < since)) {
                    return stale(member);
                }
            }
        }
        return ErrorCode.NONE;
    }

    /** @param memberId null and {@code epoch} negative: who asks is no member, and need not be */
    static ErrorCode fetch(ConsumerGroup group, String memberId, int epoch) {
        if (memberId == null && epoch < 0) {
            return ErrorCode.NONE;
        }
        var member = memberId == null ? null : group.member(memberId);
        if (member == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        return epoch == member.epoch() ? ErrorCode.NONE : stale(member);
    }

    private static ErrorCode stale(ConsumerMember member) {
        return member.profile().speaksClassic() ? ErrorCode.ILLEGAL_GENERATION : ErrorCode.STALE_MEMBER_EPOCH;
    }
}
