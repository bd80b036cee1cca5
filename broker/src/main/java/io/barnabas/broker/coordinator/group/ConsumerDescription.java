package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponse;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponse.Assignment;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponse.DescribedGroup;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponse.TopicPartitions;

/** One consumer group as ConsumerGroupDescribe (API 69) tells it. Topics that are gone are left out. */
final class ConsumerDescription {
    private static final byte CLASSIC_MEMBER = 0;
    private static final byte CONSUMER_MEMBER = 1;

    private final ConsumerGroup group;
    private final ConsumerGroupConfig config;
    private final Topics topics;

    ConsumerDescription(ConsumerGroup group, ConsumerGroupConfig config, Topics topics) {
        this.group = group;
        this.config = config;
        this.topics = topics;
    }

    DescribedGroup described() {
        String assignor = group.preferredAssignor(null, null);
        var described = new DescribedGroup()
                .groupId(group.id())
                .groupState(group.stateText())
                .groupEpoch(group.generation())
                .assignmentEpoch(group.targetEpoch())
                .assignorName(assignor == null ? config.defaultAssignor() : assignor);
        group.members().forEach(member -> described.members().add(describe(member)));
        return described;
    }

    private ConsumerGroupDescribeResponse.Member describe(ConsumerMember member) {
        var profile = member.profile();
        return new ConsumerGroupDescribeResponse.Member()
                .memberId(member.id())
                .instanceId(profile.instanceId())
                .rackId(profile.rackId())
                .memberEpoch(member.epoch())
                .clientId(profile.clientId())
                .clientHost(profile.clientHost())
                .subscribedTopicNames(new ArrayList<>(profile.topics()))
                .subscribedTopicRegex(profile.regex())
                .assignment(current(member.progress()))
                .targetAssignment(target(group.target(member.id())))
                .memberType(profile.speaksClassic() ? CLASSIC_MEMBER : CONSUMER_MEMBER);
    }

    /** With what it has still to give up: until then it is responsible for it. */
    private Assignment current(MemberProgress progress) {
        var partitions = new HashMap<Uuid, List<Integer>>();
        for (var part : List.of(progress.assigned(), progress.revoking())) {
            part.forEach((topic, epochs) -> partitions
                    .computeIfAbsent(topic, missing -> new ArrayList<>())
                    .addAll(epochs.keySet()));
        }
        var assignment = new Assignment();
        partitions.forEach((topic, numbers) -> add(assignment, topic, numbers));
        return assignment;
    }

    private Assignment target(Map<Uuid, Set<Integer>> partitions) {
        var assignment = new Assignment();
        partitions.forEach((topic, numbers) -> add(assignment, topic, new ArrayList<>(numbers)));
        return assignment;
    }

    private void add(Assignment assignment, Uuid id, List<Integer> partitions) {
        var topic = topics.byId(id);
        if (topic != null) {
            assignment
                    .topicPartitions()
                    .add(new TopicPartitions()
                            .topicId(id)
                            .topicName(topic.name())
                            .partitions(partitions));
        }
    }
}
