package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.protocol.coordinator.GroupMetadataValue;
import io.barnabas.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;

/** The shard's groups, by id. */
final class Groups {
    private final TreeMap<String, Group> groups = new TreeMap<>();
    private final Deadlines<Alarm> deadlines;
    private final GroupCounts counts;

    Groups(Deadlines<Alarm> deadlines, GroupCounts counts) {
        this.deadlines = deadlines;
        this.counts = counts;
    }

    /** Null if there is none. */
    Group find(String id) {
        return groups.get(id);
    }

    /** Null if there is none, or it speaks another protocol. */
    ClassicGroup classic(String id) {
        return groups.get(id) instanceof ClassicGroup group ? group : null;
    }

    /** Null if there is none, or it speaks another protocol. */
    ConsumerGroup consumer(String id) {
        return groups.get(id) instanceof ConsumerGroup group ? group : null;
    }

    /** A group that is to be a consumer group. */
    ConsumerGroup consumerOrNew(String id) {
        var found = consumer(id);
        if (found == null) {
            remove(id);
            found = new ConsumerGroup(id, deadlines);
            add(found);
        }
        return found;
    }

    /** Ids that come after one, in their order, or all if it is null; a live view. */
    Collection<String> idsAfter(String id) {
        return (id == null ? groups : groups.tailMap(id, false)).keySet();
    }

    /** A copy, in the order of ids. */
    Collection<Group> all() {
        return new ArrayList<>(groups.values());
    }

    ClassicGroup create(String id, long nowEpochMs) {
        var group = new ClassicGroup(id, deadlines, nowEpochMs);
        add(group);
        return group;
    }

    private void add(Group group) {
        groups.put(group.id(), group);
        group.standing().enter(counts);
    }

    /** Not one of the groups before {@link #put}. */
    ClassicGroup detachedClassic(String id, long nowEpochMs) {
        return new ClassicGroup(id, deadlines, nowEpochMs);
    }

    /** In the place of whatever has its id. */
    void put(ClassicGroup group) {
        remove(group.id());
        add(group);
    }

    /** Offsets without a group are held by an empty group without a protocol type: a simple group. */
    void createIfMissing(String id, long nowEpochMs) {
        if (!groups.containsKey(id)) {
            create(id, nowEpochMs);
        }
    }

    void remove(String id) {
        var group = groups.remove(id);
        if (group != null) {
            group.standing().leave();
            group.cancelTimers();
        }
    }

    /** Replaces what is known of a group by what a record says. */
    void restore(String id, GroupMetadataValue value) {
        remove(id);
        var group = create(id, value.currentStateTimestamp());
        group.restore(
                value.generation(),
                value.protocolType(),
                value.protocol(),
                value.leader(),
                value.currentStateTimestamp());
        for (var member : value.members()) {
            group.restore(member(group, value, member));
        }
        group.restored();
    }

    private static Member member(
            ClassicGroup group, GroupMetadataValue value, GroupMetadataValue.MemberMetadata recorded) {
        // Records older than version 1 have no rebalance timeout.
        int rebalanceTimeoutMs =
                recorded.rebalanceTimeout() == -1 ? recorded.sessionTimeout() : recorded.rebalanceTimeout();
        var protocol = new JoinGroupRequestProtocol()
                .name(value.protocol() == null ? "" : value.protocol())
                .metadata(recorded.subscription());
        var member = new Member(
                recorded.memberId(),
                recorded.groupInstanceId(),
                recorded.clientId(),
                recorded.clientHost(),
                value.protocolType(),
                rebalanceTimeoutMs,
                recorded.sessionTimeout(),
                List.of(protocol),
                group.newSession(recorded.memberId()));
        member.assignment(recorded.assignment());
        return member;
    }
}
