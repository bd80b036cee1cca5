package io.barnabas.compat.bench;

import java.io.IOException;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** A group of {@link RawMember}s that share a topic, two partitions each. */
abstract class RawGroup implements AutoCloseable {
    static final int PARTITIONS_EACH = 2;
    static final int REBALANCE_TIMEOUT_MS = 300_000;

    final String id;
    final String topic;
    final List<RawMember> members = new ArrayList<>();

    RawGroup(String id, String topic, int size, int port) throws IOException {
        this.id = id;
        this.topic = topic;
        for (int i = 0; i < size; i++) {
            members.add(new RawMember(port));
        }
    }

    static RawGroup of(String protocol, String id, String topic, int size, int port) throws IOException {
        return switch (protocol) {
            case "classic" -> new RawClassicGroup(id, topic, size, port);
            case "consumer" -> new RawConsumerGroup(id, topic, size, port);
            default -> throw new IllegalArgumentException(protocol);
        };
    }

    /** Begins to join, without waiting for anything. */
    abstract void join() throws IOException;

    /** Goes on joining; true once the group is settled. */
    abstract boolean settle() throws IOException;

    /** Of a settled group: from now on its members send heartbeats and commits, without blocking. */
    abstract void ready(Selector selector) throws IOException;

    /** All members at once, not by silence, whose end would cost the broker while something else is measured. */
    abstract void leave(RawConnection connection) throws IOException;

    /** @param heartbeat has been answered as it will be from now on */
    final void ready(
            int index, String memberId, int generation, ApiMessage heartbeat, int heartbeatVersion, Selector selector)
            throws IOException {
        var commit = OffsetCommit.request(id, memberId, generation, topic, partitionsOf(index));
        var member = members.get(index);
        OffsetCommit.check(member.call(commit, OffsetCommit.VERSION));
        member.settled(heartbeat, heartbeatVersion, commit, OffsetCommit.VERSION, selector);
    }

    static int[] partitionsOf(int index) {
        return new int[] {PARTITIONS_EACH * index, PARTITIONS_EACH * index + 1};
    }

    static void check(short error) {
        if (error != 0) {
            throw new IllegalStateException("refused with " + Errors.forCode(error));
        }
    }

    @Override
    public void close() throws IOException {
        for (var member : members) {
            member.close();
        }
    }
}
