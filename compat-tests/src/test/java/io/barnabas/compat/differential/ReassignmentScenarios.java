package io.barnabas.compat.differential;

import java.util.List;

import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;

/** Moving replicas between the brokers of a cluster that has one. */
final class ReassignmentScenarios {
    private ReassignmentScenarios() {}

    static List<Scenario> all() {
        return List.of(new Scenario("alter-reassignments", session -> {
            var topic = session.name("t");
            session.topic(topic, 2);
            for (int version = 0; version <= 1; version++) {
                session.call(alter(topic, 0, List.of(1)), version);
                session.call(alter(topic, 0, List.of(2)), version);
                session.call(alter(topic, 0, List.of(1, 1)), version);
                session.call(alter(topic, 0, List.of(1, 2)), version);
                session.call(alter(topic, 0, List.of(-1)), version);
                session.call(alter(topic, 0, List.of()), version);
                session.call(alter(topic, 0, null), version);
                session.call(alter(topic, 7, List.of(1)), version);
                session.call(alter(session.name("none"), 0, List.of(1)), version);
                session.call(new AlterPartitionReassignmentsRequestData(), version);
            }
            session.call(alter(topic, 0, List.of(1)).setAllowReplicationFactorChange(false), 1);
            session.call(new ListPartitionReassignmentsRequestData().setTopics(null), 0);
            session.call(list(topic, 0, 1, 9), 0);
            session.call(list(session.name("none"), 0), 0);
        }));
    }

    private static AlterPartitionReassignmentsRequestData alter(String topic, int partition, List<Integer> replicas) {
        var asked = new AlterPartitionReassignmentsRequestData.ReassignablePartition()
                .setPartitionIndex(partition)
                .setReplicas(replicas);
        var request = new AlterPartitionReassignmentsRequestData().setTimeoutMs(10_000);
        request.topics()
                .add(new AlterPartitionReassignmentsRequestData.ReassignableTopic()
                        .setName(topic)
                        .setPartitions(List.of(asked)));
        return request;
    }

    private static ListPartitionReassignmentsRequestData list(String topic, Integer... partitions) {
        return new ListPartitionReassignmentsRequestData()
                .setTimeoutMs(10_000)
                .setTopics(List.of(new ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics()
                        .setName(topic)
                        .setPartitionIndexes(List.of(partitions))));
    }
}
