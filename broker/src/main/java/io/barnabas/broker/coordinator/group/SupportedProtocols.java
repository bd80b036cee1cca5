package io.barnabas.broker.coordinator.group;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

import io.barnabas.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;

/** Which protocols the members of a classic group support: the one of its next generation must be supported by all. */
final class SupportedProtocols {
    /** By name, how many members support it. */
    private final Map<String, Integer> supporters = new HashMap<>();

    void add(Member member) {
        count(member, 1);
    }

    void remove(Member member) {
        count(member, -1);
    }

    private void count(Member member, int step) {
        for (String name : member.protocolNames()) {
            supporters.merge(name, step, (a, b) -> a + b == 0 ? null : a + b);
        }
    }

    /** Whether as many members as there are support one of these. */
    boolean hasAnyOfAll(List<JoinGroupRequestProtocol> protocols, int members) {
        for (var protocol : protocols) {
            if (supporters.getOrDefault(protocol.name(), 0) == members) {
                return true;
            }
        }
        return false;
    }

    /** Every member votes for the first of its protocols that all support. */
    String mostWanted(Collection<Member> members) {
        var candidates = new HashSet<String>();
        supporters.forEach((name, count) -> {
            if (count == members.size()) {
                candidates.add(name);
            }
        });
        // A HashMap, because a tie goes to the first in its order: so it does in Kafka.
        var votes = new HashMap<String, Integer>();
        for (var member : members) {
            votes.merge(member.vote(candidates), 1, Integer::sum);
        }
        String winner = null;
        for (var entry : votes.entrySet()) {
            if (winner == null || entry.getValue() > votes.get(winner)) {
                winner = entry.getKey();
            }
        }
        return winner;
    }
}
