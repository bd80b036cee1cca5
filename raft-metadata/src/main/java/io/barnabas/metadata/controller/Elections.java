package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.IntPredicate;

import io.barnabas.metadata.image.DirectoryIds;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.metadata.PartitionChangeRecord;

/**
 * What becomes of a partition's leader, in-sync set and eligible leaders (KIP-966) when the brokers around it change. One object
 * serves one decision.
 */
final class Elections {
    /** How a leader is chosen. */
    enum Kind {
        /** The first replica, if it can lead. */
        PREFERRED,
        /** Stays with the leader there is, if it can lead. */
        ONLINE,
        /** As {@link #ONLINE}, but any live replica rather than none: may lose records. */
        UNCLEAN
    }

    private static final int NO_LEADER = PartitionImage.NO_LEADER;
    private static final byte RECOVERED = 0;
    private static final byte RECOVERING = 1;

    private final MetadataImage image;
    private final EffectiveConfigs configs;
    private final IntPredicate mayLead;
    /** A broker that lost what it had not flushed, so that it is no eligible leader; -1 for none. */
    private final int unclean;

    Elections(MetadataImage image, EffectiveConfigs configs, IntPredicate mayLead, int unclean) {
        this.image = image;
        this.configs = configs;
        this.mayLead = mayLead;
        this.unclean = unclean;
    }

    static Elections among(MetadataImage image, EffectiveConfigs configs) {
        return new Elections(image, configs, image.cluster()::isActive, -1);
    }

    /** As {@link #change} with the kind of election that the topic's configs allow. */
    PartitionChangeRecord change(TopicImage topic, PartitionImage partition, List<Integer> isr, boolean recovering) {
        var kind = configs.allowsUncleanElection(image, topic) ? Kind.UNCLEAN : Kind.ONLINE;
        return change(topic, partition, isr, recovering, kind);
    }

    /**
     * The change that gives a partition this in-sync set and, if need be, another leader.
     *
     * @return null if nothing changes
     */
    PartitionChangeRecord change(
            TopicImage topic, PartitionImage partition, List<Integer> wantedIsr, boolean recovering, Kind kind) {
        boolean tracksElr = image.features().tracksEligibleLeaders();
        var isr = wantedIsr;
        var elr = tracksElr ? eligible(topic, partition, isr) : partition.elr();
        var change = new PartitionChangeRecord().topicId(topic.id()).partitionId(partition.partition());
        boolean changed = false;

        int leader = clean(partition, isr, elr, kind);
        boolean isUnclean = false;
        if (leader == NO_LEADER) {
            leader = unclean(partition, isr, elr, kind, tracksElr);
            isUnclean = leader != NO_LEADER;
        }
        if (leader != partition.leader()) {
            changed = true;
            change.leader(leader);
            if (isUnclean) {
                change.isr(List.of(leader));
                if (!partition.recovering()) {
                    change.leaderRecoveryState(RECOVERING);
                }
            } else if (elr.contains(leader)) {
                isr = List.of(leader);
                elr = without(elr, leader);
            }
            if (tracksElr) {
                rememberLastLeader(partition, leader, change);
            }
        }
        if (isUnclean && leader != partition.leader() || !tracksElr) {
            elr = List.of();
        }
        if (!elr.equals(partition.elr())) {
            changed = true;
            change.eligibleLeaderReplicas(elr);
        }
        // Without eligible leaders an empty set is never written: the last in-sync replica has to be remembered.
        if (change.isr() == null && !isr.equals(partition.isr()) && (tracksElr || !isr.isEmpty())) {
            changed = true;
            change.isr(isr);
        }
        if (recovering != partition.recovering()) {
            changed = true;
            change.leaderRecoveryState(recovering ? RECOVERING : RECOVERED);
        }
        return changed ? change : null;
    }

    /** Out of sync, but with every committed record: kept only while fewer replicas are in sync than are wanted. */
    private List<Integer> eligible(TopicImage topic, PartitionImage partition, List<Integer> isr) {
        if (isr.size() >= configs.minInsyncReplicas(image, topic)) {
            return List.of();
        }
        var eligible = new LinkedHashSet<>(partition.elr());
        eligible.addAll(partition.isr());
        eligible.removeAll(isr);
        eligible.remove(unclean);
        return List.copyOf(eligible);
    }

    private int clean(PartitionImage partition, List<Integer> isr, List<Integer> elr, Kind kind) {
        int preferred = partition.replicas().get(0);
        if (kind == Kind.PREFERRED && canLead(partition, preferred, isr, elr)) {
            return preferred;
        }
        if (canLead(partition, partition.leader(), isr, elr)) {
            return partition.leader();
        }
        for (int replica : partition.replicas()) {
            if (canLead(partition, replica, isr, elr)) {
                return replica;
            }
        }
        return NO_LEADER;
    }

    private boolean canLead(PartitionImage partition, int replica, List<Integer> isr, List<Integer> elr) {
        return (isr.contains(replica) || isr.isEmpty() && elr.contains(replica)) && isAlive(partition, replica);
    }

    private int unclean(PartitionImage partition, List<Integer> isr, List<Integer> elr, Kind kind, boolean tracksElr) {
        // With no one left who surely has everything, the one who led last has most.
        var last = partition.lastKnownElr();
        if (tracksElr && isr.isEmpty() && elr.isEmpty() && last.size() == 1 && isAlive(partition, last.get(0))) {
            return last.get(0);
        }
        if (kind == Kind.UNCLEAN) {
            for (int replica : partition.replicas()) {
                if (isAlive(partition, replica)) {
                    return replica;
                }
            }
        }
        return NO_LEADER;
    }

    private boolean isAlive(PartitionImage partition, int replica) {
        var broker = image.cluster().broker(replica);
        return mayLead.test(replica)
                && broker != null
                && DirectoryIds.isOnline(partition.directoryOf(replica), broker.directories());
    }

    private static void rememberLastLeader(PartitionImage partition, int leader, PartitionChangeRecord change) {
        if (leader == NO_LEADER && partition.lastKnownElr().isEmpty()) {
            change.lastKnownElr(List.of(partition.leader()));
        } else if (leader != NO_LEADER && !partition.lastKnownElr().isEmpty()) {
            change.lastKnownElr(List.of());
        }
    }

    static List<Integer> without(List<Integer> replicas, int broker) {
        var left = new ArrayList<>(replicas);
        left.remove((Integer) broker);
        return List.copyOf(left);
    }
}
