package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.coordinator.ConsumerGroupCurrentMemberAssignmentValue;
import io.barnabas.protocol.coordinator.ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions;

/**
 * Where a member of a consumer group stands. Immutable; so are the maps, whose values are the epochs in which the member got each
 * partition (topic → partition → epoch): commits of an older epoch of the member are still good for them.
 *
 * @param epoch 0 for a member that joins, {@link #AWAY} for a static one that said it will be back
 * @param previousEpoch with which it may ask again if it missed an answer
 * @param assigned what it has and may keep
 * @param revoking what it has and must give up
 */
record MemberProgress(
        int epoch,
        int previousEpoch,
        MemberState state,
        Map<Uuid, Map<Integer, Integer>> assigned,
        Map<Uuid, Map<Integer, Integer>> revoking) {
    /** In a heartbeat: the member goes. */
    static final int GONE = -1;
    /** In a heartbeat and in the log: the static member goes, and will be back. */
    static final int AWAY = -2;

    static final MemberProgress NONE = new MemberProgress(0, -1, MemberState.STABLE, Map.of(), Map.of());
    /** Between the tombstones of a member. */
    static final MemberProgress LOST = new MemberProgress(GONE, GONE, MemberState.STABLE, Map.of(), Map.of());

    static MemberProgress of(ConsumerGroupCurrentMemberAssignmentValue value) {
        return new MemberProgress(
                value.memberEpoch(),
                value.previousMemberEpoch(),
                MemberState.of(value.state()),
                read(value.assignedPartitions(), value.memberEpoch()),
                read(value.partitionsPendingRevocation(), value.memberEpoch()));
    }

    /** Older releases wrote no epochs: then that of the member counts. */
    private static Map<Uuid, Map<Integer, Integer>> read(List<TopicPartitions> topics, int memberEpoch) {
        var read = new HashMap<Uuid, Map<Integer, Integer>>();
        for (var topic : topics) {
            var epochs = topic.assignmentEpochs();
            boolean known =
                    epochs != null && epochs.size() == topic.partitions().size();
            var partitions = new HashMap<Integer, Integer>();
            for (int i = 0; i < topic.partitions().size(); i++) {
                partitions.put(topic.partitions().get(i), known ? epochs.get(i) : Math.max(memberEpoch, 0));
            }
            read.put(topic.topicId(), partitions);
        }
        return read;
    }

    ConsumerGroupCurrentMemberAssignmentValue toRecord() {
        return new ConsumerGroupCurrentMemberAssignmentValue()
                .memberEpoch(epoch)
                .previousMemberEpoch(previousEpoch)
                .state(state.code())
                .assignedPartitions(write(assigned))
                .partitionsPendingRevocation(write(revoking));
    }

    private static List<TopicPartitions> write(Map<Uuid, Map<Integer, Integer>> partitions) {
        var topics = new ArrayList<TopicPartitions>();
        partitions.forEach((id, epochs) -> topics.add(new TopicPartitions()
                .topicId(id)
                .partitions(new ArrayList<>(epochs.keySet()))
                .assignmentEpochs(new ArrayList<>(epochs.values()))));
        return topics;
    }

    /** What it has and may keep, without epochs. */
    Map<Uuid, Set<Integer>> assignedPartitions() {
        var partitions = new HashMap<Uuid, Set<Integer>>();
        assigned.forEach((topic, epochs) -> partitions.put(topic, epochs.keySet()));
        return partitions;
    }

    /** All that it has, without epochs. */
    Map<Uuid, Set<Integer>> heldPartitions() {
        var partitions = new HashMap<Uuid, Set<Integer>>();
        for (var part : List.of(assigned, revoking)) {
            part.forEach((topic, epochs) -> partitions
                    .computeIfAbsent(topic, missing -> new HashSet<>())
                    .addAll(epochs.keySet()));
        }
        return partitions;
    }

    /** Of a static member that takes its own place under a new id. */
    MemberProgress rejoining() {
        return new MemberProgress(0, 0, state, assigned, revoking);
    }

    /** Of a static member that said it will be back: who comes has had its partitions for ever. */
    MemberProgress away() {
        var unaged = new HashMap<Uuid, Map<Integer, Integer>>();
        assigned.forEach((topic, epochs) -> {
            var zeros = new HashMap<>(epochs);
            zeros.replaceAll((partition, epoch) -> 0);
            unaged.put(topic, zeros);
        });
        return new MemberProgress(AWAY, previousEpoch, state, unaged, Map.of());
    }

    boolean hasReached(int targetEpoch) {
        return state == MemberState.STABLE && epoch == targetEpoch;
    }

    boolean isAway() {
        return epoch == AWAY;
    }

    /** The epoch in which the member got a partition it has; null if it has not. */
    Integer epochOf(Uuid topic, int partition) {
        var found = assigned.getOrDefault(topic, Map.of()).get(partition);
        return found != null ? found : revoking.getOrDefault(topic, Map.of()).get(partition);
    }
}
