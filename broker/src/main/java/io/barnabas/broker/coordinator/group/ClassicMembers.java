package io.barnabas.broker.coordinator.group;

import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;

/**
 * The members of a classic group and their leader, in the order they came: the next leader is the oldest member. A static member that
 * comes back has its place under a new id (KIP-345).
 */
final class ClassicMembers implements Iterable<Member> {
    private final Map<String, Member> byId = new LinkedHashMap<>();
    private final Map<String, String> idsByInstance = new HashMap<>();
    private final SupportedProtocols supported = new SupportedProtocols();
    private String leaderId;

    @Override
    public Iterator<Member> iterator() {
        return Collections.unmodifiableCollection(byId.values()).iterator();
    }

    List<Member> copy() {
        return List.copyOf(byId.values());
    }

    int size() {
        return byId.size();
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    /** Null if it is no member. */
    Member get(String memberId) {
        return byId.get(memberId);
    }

    boolean has(String memberId) {
        return byId.containsKey(memberId);
    }

    /** Null if no member has this instance id. */
    String idOfStatic(String instanceId) {
        return idsByInstance.get(instanceId);
    }

    /** NONE, UNKNOWN_MEMBER_ID or FENCED_INSTANCE_ID. */
    ErrorCode check(String memberId, String instanceId) {
        if (instanceId != null) {
            String known = idsByInstance.get(instanceId);
            if (known == null) {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
            if (!known.equals(memberId)) {
                return ErrorCode.FENCED_INSTANCE_ID;
            }
        }
        return has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
    }

    /** Null without members. */
    String leaderId() {
        return leaderId;
    }

    boolean isLeader(String memberId) {
        return memberId.equals(leaderId);
    }

    /** As a GroupMetadata record tells it, before it tells the members. */
    void restoreLeader(String memberId) {
        leaderId = memberId;
    }

    /** False if nobody has joined: no generation can begin without a leader. */
    boolean electJoinedLeader() {
        if (leaderId == null) {
            return false;
        }
        if (byId.get(leaderId).awaitsJoin()) {
            return true;
        }
        for (var member : byId.values()) {
            if (member.awaitsJoin()) {
                leaderId = member.id();
                return true;
            }
        }
        return false;
    }

    void put(Member member) {
        if (leaderId == null) {
            leaderId = member.id();
        }
        byId.put(member.id(), member);
        if (member.isStatic()) {
            idsByInstance.put(member.instanceId(), member.id());
        }
        supported.add(member);
    }

    void remove(Member member) {
        byId.remove(member.id());
        supported.remove(member);
        if (member.isStatic()) {
            idsByInstance.remove(member.instanceId());
        }
        if (isLeader(member.id())) {
            leaderId = isEmpty() ? null : byId.keySet().iterator().next();
        }
    }

    /** Puts a static member in the place it had under another id. */
    void replace(Member old, Member renamed) {
        var inOrder = copy();
        byId.clear();
        for (var member : inOrder) {
            var kept = member == old ? renamed : member;
            byId.put(kept.id(), kept);
        }
        if (isLeader(old.id())) {
            leaderId = renamed.id();
        }
        idsByInstance.put(renamed.instanceId(), renamed.id());
    }

    /** A member says what it is now. */
    void update(Member member, List<JoinGroupRequestProtocol> protocols, int rebalanceTimeoutMs, int sessionTimeoutMs) {
        supported.remove(member);
        member.describeItself(protocols, rebalanceTimeoutMs, sessionTimeoutMs);
        supported.add(member);
    }

    /** Whether all support one of these. */
    boolean supportAnyOf(List<JoinGroupRequestProtocol> protocols) {
        return supported.hasAnyOfAll(protocols, size());
    }

    /** Every member votes for the first of its protocols that all support. */
    String mostWantedProtocol() {
        return supported.mostWanted(byId.values());
    }

    /** The longest any member asks for. */
    int rebalanceTimeoutMs() {
        int longest = 0;
        for (var member : byId.values()) {
            longest = Math.max(longest, member.rebalanceTimeoutMs());
        }
        return longest;
    }
}
