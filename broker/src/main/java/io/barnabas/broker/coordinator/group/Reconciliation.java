package io.barnabas.broker.coordinator.group;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;

/**
 * The next step of one member towards its target: first it gives up what it may not keep, and stays in its epoch until it has; then
 * it goes to the target's epoch and gets what is free; then it waits for what others have to give up.
 */
final class Reconciliation {
    private final ConsumerGroup group;
    private final MemberProgress now;
    private final int targetEpoch;
    private final Map<Uuid, Set<Integer>> target;
    /** What the member says it has; null if it does not say. */
    private final List<TopicPartitions> reported;

    private final boolean subscribesToNothing;
    private final Set<Uuid> subscribed = new HashSet<>();

    Reconciliation(
            ConsumerGroup group,
            ConsumerMember member,
            int targetEpoch,
            Map<Uuid, Set<Integer>> target,
            List<TopicPartitions> reported,
            Topics topics) {
        this.group = group;
        this.now = member.progress();
        this.targetEpoch = targetEpoch;
        this.target = target;
        this.reported = reported;
        var names = group.interest().topicsOf(member.profile());
        this.subscribesToNothing = names.isEmpty();
        for (String name : names) {
            var topic = topics.byName(name);
            if (topic != null) {
                subscribed.add(topic.id());
            }
        }
    }

    /** The same object if nothing is to be done. */
    MemberProgress next(boolean subscriptionChanged) {
        switch (now.state()) {
            case STABLE:
                if (now.epoch() != targetEpoch) {
                    return advance();
                }
                return subscriptionChanged ? withoutUnsubscribed() : now;
            case UNREVOKED_PARTITIONS:
                if (!stillHasAnyOf(now.revoking())) {
                    return advance();
                }
                return subscriptionChanged ? withoutUnsubscribed() : now;
            default:
                // A state that only a newer release knows: it comes with nothing, or was refused.
                return advance();
        }
    }

    private boolean stillHasAnyOf(Map<Uuid, Map<Integer, Integer>> partitions) {
        if (reported == null) {
            return true;
        }
        for (var topic : reported) {
            var epochs = partitions.getOrDefault(topic.topicId(), Map.of());
            for (int partition : topic.partitions()) {
                if (epochs.containsKey(partition)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** It must give up topics it does not subscribe to any more, whatever the target, which may be older. */
    private MemberProgress withoutUnsubscribed() {
        var kept = new HashMap<Uuid, Map<Integer, Integer>>();
        var revoking = new HashMap<>(now.revoking());
        now.assigned().forEach((topic, epochs) -> {
            if (subscribed.contains(topic)) {
                kept.put(topic, epochs);
            } else {
                revoking.merge(topic, epochs, Reconciliation::union);
            }
        });
        boolean startsWithNothing = subscribesToNothing && now.revoking().isEmpty();
        if (kept.size() == now.assigned().size() && !startsWithNothing) {
            return now;
        }
        return !revoking.isEmpty() && stillHasAnyOf(revoking)
                ? step(MemberState.UNREVOKED_PARTITIONS, now.epoch(), kept, revoking)
                : step(now.state(), now.epoch(), kept, now.revoking());
    }

    private static Map<Integer, Integer> union(Map<Integer, Integer> one, Map<Integer, Integer> other) {
        var both = new HashMap<>(one);
        both.putAll(other);
        return both;
    }

    private MemberProgress advance() {
        var assigned = new HashMap<Uuid, Map<Integer, Integer>>();
        var revoking = new HashMap<Uuid, Map<Integer, Integer>>();
        now.assigned().forEach((topic, epochs) -> {
            var wanted = wanted(topic);
            epochs.forEach((partition, epoch) -> (wanted.contains(partition) ? assigned : revoking)
                    .computeIfAbsent(topic, missing -> new HashMap<>())
                    .put(partition, epoch));
        });
        if (!revoking.isEmpty() && stillHasAnyOf(revoking)) {
            return step(MemberState.UNREVOKED_PARTITIONS, now.epoch(), assigned, revoking);
        }
        boolean waits = false;
        for (var topic : target.keySet()) {
            for (int partition : wanted(topic)) {
                if (assigned.getOrDefault(topic, Map.of()).containsKey(partition)) {
                    continue;
                }
                // What it gave up itself a moment ago is free.
                boolean own = now.revoking().getOrDefault(topic, Map.of()).containsKey(partition);
                if (!own && group.isOwned(topic, partition)) {
                    waits = true;
                } else {
                    assigned.computeIfAbsent(topic, missing -> new HashMap<>()).put(partition, targetEpoch);
                }
            }
        }
        return step(waits ? MemberState.UNRELEASED_PARTITIONS : MemberState.STABLE, targetEpoch, assigned, Map.of());
    }

    private Set<Integer> wanted(Uuid topic) {
        return subscribed.contains(topic) ? target.getOrDefault(topic, Set.of()) : Set.of();
    }

    private MemberProgress step(
            MemberState state,
            int epoch,
            Map<Uuid, Map<Integer, Integer>> assigned,
            Map<Uuid, Map<Integer, Integer>> revoking) {
        var next = new MemberProgress(epoch, now.epoch(), state, assigned, revoking);
        return next.equals(now) ? now : next;
    }
}
