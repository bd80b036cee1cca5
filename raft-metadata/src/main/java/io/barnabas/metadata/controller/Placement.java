package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

import io.barnabas.metadata.image.BrokerImage;
import io.barnabas.metadata.image.ClusterImage;

/**
 * Spreads the replicas of new partitions over racks first, brokers second: round-robin over racks, and within each rack round-robin
 * over its brokers, both from a random start. Brokers that are fenced are taken only when a rack has no other left, and never as the
 * first replica. One object places the partitions of one topic.
 */
final class Placement {
    private final Dice dice;
    private final List<Rack> racks = new ArrayList<>();
    private final int brokers;
    private final int alive;
    /** Counts partitions; each begins one rack later. */
    private int turn;

    private int firstRack;
    private int turnsSinceShuffle;

    Placement(ClusterImage cluster, Dice dice) {
        this.dice = dice;
        var byName = new TreeMap<String, Rack>(Comparator.nullsFirst(Comparator.naturalOrder()));
        int brokerCount = 0;
        int aliveCount = 0;
        for (BrokerImage broker : cluster.brokers()) {
            if (broker.inControlledShutdown() || !broker.takesReplicas()) {
                continue;
            }
            var rack = byName.get(broker.rack());
            if (rack == null) {
                rack = new Rack();
                byName.put(broker.rack(), rack);
            }
            (broker.fenced() ? rack.fenced : rack.alive).ids.add(broker.id());
            brokerCount++;
            aliveCount += broker.fenced() ? 0 : 1;
        }
        racks.addAll(byName.values());
        brokers = brokerCount;
        alive = aliveCount;
        for (var rack : racks) {
            rack.fenced.startAnywhere(dice);
            rack.alive.startAnywhere(dice);
        }
        firstRack = racks.isEmpty() ? 0 : dice.below(racks.size());
    }

    /** Why partitions with so many replicas cannot be placed, in Kafka's words; null if they can. */
    String refusal(int replicationFactor) {
        if (replicationFactor <= 0) {
            return "Invalid replication factor " + replicationFactor + ": the replication factor must be positive.";
        }
        if (alive == 0) {
            return "All brokers are currently fenced, or have all their log directories cordoned.";
        }
        if (replicationFactor > brokers) {
            return "The target replication factor of " + replicationFactor + " cannot be reached because only "
                    + brokers + " broker(s) are registered or some brokers have all their log directories cordoned.";
        }
        return null;
    }

    /** The replicas of the next partition; only if {@link #refusal} had nothing against it. */
    List<Integer> next(int replicationFactor) {
        if (alive > 1 && turnsSinceShuffle == alive) {
            // Every broker has had its turn as leader: another order keeps the same sets from coming again.
            shuffle(racks);
            racks.forEach(rack -> {
                shuffle(rack.alive.ids);
                shuffle(rack.fenced.ids);
            });
            turnsSinceShuffle = 0;
        }
        turn++;
        turnsSinceShuffle++;
        var replicas = new ArrayList<Integer>(replicationFactor);
        int leaderRack = addLeader(replicas);
        boolean leaderRackHadItsTurn = false;
        for (int at = firstRack; replicas.size() < replicationFactor; at = (at + 1) % racks.size()) {
            if (at == leaderRack && !leaderRackHadItsTurn) {
                leaderRackHadItsTurn = true;
                continue;
            }
            int broker = racks.get(at).next(turn);
            if (broker >= 0) {
                replicas.add(broker);
            }
        }
        firstRack = (firstRack + 1) % racks.size();
        return replicas;
    }

    private int addLeader(List<Integer> replicas) {
        for (int at = firstRack; ; at = (at + 1) % racks.size()) {
            int leader = racks.get(at).alive.next(turn);
            if (leader >= 0) {
                replicas.add(leader);
                return at;
            }
        }
    }

    private <T> void shuffle(List<T> list) {
        for (int i = list.size() - 1; i > 0; i--) {
            int j = dice.below(i + 1);
            T moved = list.get(i);
            list.set(i, list.get(j));
            list.set(j, moved);
        }
    }

    private static final class Rack {
        final Ring alive = new Ring();
        final Ring fenced = new Ring();

        int next(int turn) {
            int broker = alive.next(turn);
            return broker >= 0 ? broker : fenced.next(turn);
        }
    }

    /** Brokers handed out in a circle, each at most once a turn; every turn that asks begins one further on. */
    private static final class Ring {
        final List<Integer> ids = new ArrayList<>();
        private int start;
        private int handedOut;
        private int lastTurn = 1;

        void startAnywhere(Dice dice) {
            start = ids.isEmpty() ? 0 : dice.below(ids.size());
        }

        /** -1 if all have been handed out in this turn. */
        int next(int turn) {
            if (turn != lastTurn) {
                lastTurn = turn;
                handedOut = 0;
                start++;
            }
            return handedOut == ids.size() ? -1 : ids.get((start + handedOut++) % ids.size());
        }
    }
}
