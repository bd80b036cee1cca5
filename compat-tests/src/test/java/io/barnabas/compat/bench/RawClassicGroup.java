package io.barnabas.compat.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.utils.Utils;

/** JoinGroup and SyncGroup as a consumer sends them; version 3 of the one needs no id beforehand. */
final class RawClassicGroup extends RawGroup {
    private static final short JOIN_VERSION = 3;
    private static final short SYNC_VERSION = 3;
    private static final short HEARTBEAT_VERSION = 4;
    private static final short LEAVE_VERSION = 3;
    private static final int SESSION_TIMEOUT_MS = 45_000;

    private final List<JoinGroupResponseData> joined = new ArrayList<>();

    RawClassicGroup(String id, String topic, int size, int port) throws IOException {
        super(id, topic, size, port);
    }

    @Override
    void join() throws IOException {
        for (var member : members) {
            member.send(joining(), JOIN_VERSION);
        }
    }

    private JoinGroupRequestData joining() {
        var subscription = new ConsumerPartitionAssignor.Subscription(List.of(topic));
        var request = new JoinGroupRequestData()
                .setGroupId(id)
                .setProtocolType("consumer")
                .setSessionTimeoutMs(SESSION_TIMEOUT_MS)
                .setRebalanceTimeoutMs(REBALANCE_TIMEOUT_MS);
        request.protocols()
                .add(new JoinGroupRequestProtocol()
                        .setName("range")
                        .setMetadata(bytes(ConsumerProtocol.serializeSubscription(subscription))));
        return request;
    }

    /** Waits. */
    @Override
    boolean settle() throws IOException {
        for (var member : members) {
            JoinGroupResponseData answer = member.receive(joining(), JOIN_VERSION);
            check(answer.errorCode());
            joined.add(answer);
        }
        for (int i = 0; i < members.size(); i++) {
            members.get(i).send(asking(joined.get(i)), SYNC_VERSION);
        }
        for (int i = 0; i < members.size(); i++) {
            SyncGroupResponseData answer = members.get(i).receive(asking(joined.get(i)), SYNC_VERSION);
            check(answer.errorCode());
        }
        return true;
    }

    /** Of the leader, who alone knows the members, with their assignments. */
    private SyncGroupRequestData asking(JoinGroupResponseData answer) {
        var request = new SyncGroupRequestData()
                .setGroupId(id)
                .setMemberId(answer.memberId())
                .setGenerationId(answer.generationId());
        for (int i = 0; i < answer.members().size(); i++) {
            var partitions = new ArrayList<TopicPartition>();
            for (int partition : partitionsOf(i)) {
                partitions.add(new TopicPartition(topic, partition));
            }
            var assignment = new ConsumerPartitionAssignor.Assignment(partitions);
            request.assignments()
                    .add(new SyncGroupRequestAssignment()
                            .setMemberId(answer.members().get(i).memberId())
                            .setAssignment(bytes(ConsumerProtocol.serializeAssignment(assignment))));
        }
        return request;
    }

    @Override
    void ready(Selector selector) throws IOException {
        for (int i = 0; i < members.size(); i++) {
            var is = joined.get(i);
            var heartbeat = new HeartbeatRequestData()
                    .setGroupId(id)
                    .setMemberId(is.memberId())
                    .setGenerationId(is.generationId());
            HeartbeatResponseData heard = members.get(i).call(heartbeat, HEARTBEAT_VERSION);
            check(heard.errorCode());
            ready(i, is.memberId(), is.generationId(), heartbeat, HEARTBEAT_VERSION, selector);
        }
    }

    @Override
    void leave(RawConnection connection) throws IOException {
        var leaving = joined.stream()
                .map(is -> new LeaveGroupRequestData.MemberIdentity().setMemberId(is.memberId()))
                .toList();
        connection.send(
                RawConnection.frame(new LeaveGroupRequestData().setGroupId(id).setMembers(leaving), LEAVE_VERSION));
        connection.receive();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        return Utils.toArray(buffer);
    }
}
