package io.barnabas.metadata.image;

import java.util.List;

import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.metadata.PartitionChangeRecord;
import io.barnabas.protocol.metadata.PartitionRecord;

/**
 * One partition. Immutable; all lists are unmodifiable.
 *
 * @param replicas broker ids, the preferred leader first
 * @param directories the log directory of each replica, in the order of {@code replicas}; see {@link DirectoryIds}
 * @param isr in-sync replicas
 * @param elr eligible leader replicas (KIP-966): out of sync, but known to hold every committed record
 * @param lastKnownElr at most the last leader, while there is none
 * @param addingReplicas replicas a reassignment is bringing in
 * @param removingReplicas replicas a reassignment is taking out
 * @param leader broker id, {@link #NO_LEADER} if there is none
 * @param recovering the leader came from an unclean election and has not finished recovering
 * @param leaderEpoch counts elections
 * @param partitionEpoch counts changes
 */
public record PartitionImage(
        int partition,
        List<Integer> replicas,
        List<Uuid> directories,
        List<Integer> isr,
        List<Integer> elr,
        List<Integer> lastKnownElr,
        List<Integer> addingReplicas,
        List<Integer> removingReplicas,
        int leader,
        boolean recovering,
        int leaderEpoch,
        int partitionEpoch) {
    public static final int NO_LEADER = -1;
    /** In a change record: the leader stays. */
    public static final int NO_LEADER_CHANGE = -2;

    private static final byte RECOVERING = 1;
    private static final byte NO_RECOVERY_CHANGE = -1;

    static PartitionImage of(PartitionRecord record) {
        var replicas = List.copyOf(record.replicas());
        return new PartitionImage(
                record.partitionId(),
                replicas,
                directories(record.directories(), replicas.size()),
                List.copyOf(record.isr()),
                copy(record.eligibleLeaderReplicas(), List.of()),
                copy(record.lastKnownElr(), List.of()),
                List.copyOf(record.addingReplicas()),
                List.copyOf(record.removingReplicas()),
                record.leader(),
                record.leaderRecoveryState() == RECOVERING,
                record.leaderEpoch(),
                record.partitionEpoch());
    }

    PartitionRecord toRecord(Uuid topicId) {
        var record = new PartitionRecord()
                .topicId(topicId)
                .partitionId(partition)
                .replicas(replicas)
                .isr(isr)
                .removingReplicas(removingReplicas)
                .addingReplicas(addingReplicas)
                .leader(leader)
                .leaderRecoveryState(recovering ? RECOVERING : 0)
                .leaderEpoch(leaderEpoch)
                .partitionEpoch(partitionEpoch)
                .directories(directories);
        if (!elr.isEmpty()) {
            record.eligibleLeaderReplicas(elr);
        }
        if (!lastKnownElr.isEmpty()) {
            record.lastKnownElr(lastKnownElr);
        }
        return record;
    }

    /** This partition after a change. Naming a leader, even the same one, begins a new leader epoch. */
    public PartitionImage with(PartitionChangeRecord change) {
        var nextReplicas = copy(change.replicas(), replicas);
        boolean sameLeader = change.leader() == NO_LEADER_CHANGE;
        return new PartitionImage(
                partition,
                nextReplicas,
                directories(change.directories() == null ? directories : change.directories(), nextReplicas.size()),
                copy(change.isr(), isr),
                copy(change.eligibleLeaderReplicas(), elr),
                copy(change.lastKnownElr(), lastKnownElr),
                copy(change.addingReplicas(), addingReplicas),
                copy(change.removingReplicas(), removingReplicas),
                sameLeader ? leader : change.leader(),
                change.leaderRecoveryState() == NO_RECOVERY_CHANGE
                        ? recovering
                        : change.leaderRecoveryState() == RECOVERING,
                sameLeader ? leaderEpoch : leaderEpoch + 1,
                partitionEpoch + 1);
    }

    PartitionImage withoutElr() {
        return with(new PartitionChangeRecord()
                .partitionId(partition)
                .eligibleLeaderReplicas(List.of())
                .lastKnownElr(List.of()));
    }

    /** The directory that holds a broker's replica; {@link DirectoryIds#UNASSIGNED} if the broker has none. */
    public Uuid directoryOf(int broker) {
        int at = replicas.indexOf(broker);
        return at < 0 ? DirectoryIds.UNASSIGNED : directories.get(at);
    }

    public boolean isReassigning() {
        return !addingReplicas.isEmpty() || !removingReplicas.isEmpty();
    }

    private static <T> List<T> copy(List<T> list, List<T> otherwise) {
        return list == null ? otherwise : List.copyOf(list);
    }

    /** Records from before directories had ids name none. */
    private static List<Uuid> directories(List<Uuid> directories, int replicas) {
        if (directories.size() == replicas) {
            return List.copyOf(directories);
        }
        if (!directories.isEmpty()) {
            throw new MetadataException("A partition with " + replicas + " replicas names " + directories.size()
                    + " directories; the metadata log is damaged or was written by an incompatible version.");
        }
        var unknown = new Uuid[replicas];
        java.util.Arrays.fill(unknown, DirectoryIds.MIGRATING);
        return List.of(unknown);
    }
}
