package io.barnabas.compat.bench;

import java.io.IOException;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;

/** Heartbeats of the consumer protocol (KIP-848). */
final class RawConsumerGroup extends RawGroup {
    private static final short VERSION = 1;
    private static final int HEARTBEAT_INTERVAL_MS = 5_000;

    /** What each member sends next. */
    private final List<ConsumerGroupHeartbeatRequestData> next = new ArrayList<>();

    RawConsumerGroup(String id, String topic, int size, int port) throws IOException {
        super(id, topic, size, port);
    }

    @Override
    void join() {
        for (int i = 0; i < members.size(); i++) {
            next.add(beat(i, 0)
                    .setRebalanceTimeoutMs(REBALANCE_TIMEOUT_MS)
                    .setSubscribedTopicNames(List.of(topic))
                    .setTopicPartitions(List.of()));
        }
    }

    private ConsumerGroupHeartbeatRequestData beat(int index, int epoch) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(id)
                .setMemberId(id + "-" + index)
                .setMemberEpoch(epoch);
    }

    /** One heartbeat of everyone, who has at once what it was given. */
    @Override
    boolean settle() throws IOException {
        boolean unchanged = true;
        for (int i = 0; i < members.size(); i++) {
            var request = next.get(i);
            ConsumerGroupHeartbeatResponseData answer = members.get(i).call(request, VERSION);
            check(answer.errorCode());
            // Barnabas wants to hear more often from a group that has just changed.
            unchanged &= answer.assignment() == null && answer.heartbeatIntervalMs() == HEARTBEAT_INTERVAL_MS;
            next.set(
                    i,
                    beat(i, answer.memberEpoch())
                            .setTopicPartitions(
                                    answer.assignment() == null ? request.topicPartitions() : owned(answer)));
        }
        int epoch = next.get(0).memberEpoch();
        return unchanged
                && next.stream()
                        .allMatch(request -> request.memberEpoch() == epoch && count(request) == PARTITIONS_EACH);
    }

    private static List<TopicPartitions> owned(ConsumerGroupHeartbeatResponseData answer) {
        return answer.assignment().topicPartitions().stream()
                .map(given -> new TopicPartitions().setTopicId(given.topicId()).setPartitions(given.partitions()))
                .toList();
    }

    private static int count(ConsumerGroupHeartbeatRequestData request) {
        return request.topicPartitions().stream()
                .mapToInt(owned -> owned.partitions().size())
                .sum();
    }

    @Override
    void ready(Selector selector) throws IOException {
        for (int i = 0; i < members.size(); i++) {
            var heartbeat = beat(i, next.get(i).memberEpoch());
            ready(i, heartbeat.memberId(), heartbeat.memberEpoch(), heartbeat, VERSION, selector);
        }
    }

    @Override
    void leave(RawConnection connection) throws IOException {
        for (int i = 0; i < members.size(); i++) {
            connection.send(RawConnection.frame(beat(i, -1), VERSION));
            connection.receive();
        }
    }
}
