package io.barnabas.compat.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;

/** A member of a consumer group that does as it is told: it owns what it was last assigned, and says so. */
final class ConsumerMember {
    private final Session session;
    private final String id;
    private int epoch;
    private List<ConsumerGroupHeartbeatRequestData.TopicPartitions> owned = List.of();

    private ConsumerMember(Session session, String id) {
        this.session = session;
        this.id = id;
    }

    /** Joins the group "g"; the answer goes into the transcript if it is an error. */
    static ConsumerMember joins(Session session, String id, UnaryOperator<ConsumerGroupHeartbeatRequestData> wish) {
        var member = new ConsumerMember(session, id);
        member.says(wish.apply(ConsumerGroupSteps.join(session, id)));
        return member;
    }

    static ConsumerMember joins(Session session, String id) {
        return joins(session, id, wish -> wish);
    }

    int epoch() {
        return epoch;
    }

    void beats() {
        says(ConsumerGroupSteps.stay(session, id, epoch).setTopicPartitions(owned));
    }

    /** Heartbeats until it is in an epoch. */
    void beatsUntil(int wanted) {
        Session.await("epoch " + wanted + " of " + id, () -> {
            beats();
            return epoch >= wanted;
        });
    }

    void leaves() {
        ConsumerGroupSteps.hear(session, ConsumerGroupSteps.stay(session, id, -1), 1);
    }

    private void says(ConsumerGroupHeartbeatRequestData request) {
        ConsumerGroupHeartbeatResponseData answer = session.quietly(request, 1);
        if (answer.errorCode() != 0) {
            session.transcript().note(id + " heartbeat: error " + answer.errorCode());
            return;
        }
        epoch = answer.memberEpoch();
        if (answer.assignment() != null) {
            owned = answer.assignment().topicPartitions().stream()
                    .map(topic -> new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                            .setTopicId(topic.topicId())
                            .setPartitions(new ArrayList<>(topic.partitions())))
                    .toList();
        }
    }

    /** Heartbeats of all members until the group is stable in an epoch past this one; then describes it. */
    static void settle(Session session, int pastEpoch, ConsumerMember... members) {
        Session.await("a stable group past epoch " + pastEpoch, () -> {
            for (ConsumerMember member : members) {
                member.beats();
            }
            var group = group(session);
            return group.groupEpoch() > pastEpoch
                    && group.groupState().equals("Stable")
                    && group.members().size() == members.length;
        });
        ConsumerGroupSteps.describe(session, "g");
    }

    static ConsumerGroupDescribeResponseData.DescribedGroup group(Session session) {
        ConsumerGroupDescribeResponseData answer =
                session.quietly(new ConsumerGroupDescribeRequestData().setGroupIds(List.of(session.name("g"))), 1);
        return answer.groups().get(0);
    }
}
