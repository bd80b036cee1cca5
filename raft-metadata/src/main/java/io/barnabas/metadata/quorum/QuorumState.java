package io.barnabas.metadata.quorum;

import java.util.List;
import java.util.Map;

/**
 * What one node knows of its quorum.
 *
 * @param leaderId -1 if it knows none
 * @param term of the last leader or election this node knows of; 0 before the first
 * @param voters node ids, rising
 * @param learners node ids, rising: they have the log, but no vote; known to the leader only
 * @param committedIndex of the last entry this node knows to be committed; 0 if none
 * @param replicaIndex per node the last entry known to be in its log: all voters and learners on the leader, itself elsewhere
 */
public record QuorumState(
        int leaderId,
        long term,
        List<Integer> voters,
        List<Integer> learners,
        long committedIndex,
        Map<Integer, Long> replicaIndex) {
    public QuorumState {
        voters = List.copyOf(voters);
        learners = List.copyOf(learners);
        replicaIndex = Map.copyOf(replicaIndex);
    }
}
