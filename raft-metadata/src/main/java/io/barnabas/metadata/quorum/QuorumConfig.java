package io.barnabas.metadata.quorum;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One node's member of a quorum. What it writes is forced to disk before it counts; there is no switch for that.
 *
 * @param clusterId all members of a quorum have the same; others are not listened to
 * @param nodeId one of the voters
 * @param voters node id → "host:port" of every voter. Nodes are known to each other by id: an address may change, the ids may not
 * @param directory for the quorum alone; made if it is not there
 * @param electionTimeoutMs how long followers wait for word from a leader, 100 to 600,000. A single voter never waits
 * @param heartbeatMs how often a leader gives word; at most half of the election timeout
 * @param snapshotAfterBytes a snapshot is taken after so many bytes of batches (as metadata.log.max.record.bytes.between.snapshots)
 * @param snapshotIntervalMs a snapshot is taken with the first batch after so long (as metadata.log.max.snapshot.interval.ms); 0: never
 *     for that reason
 */
public record QuorumConfig(
        String clusterId,
        int nodeId,
        Map<Integer, String> voters,
        Path directory,
        int electionTimeoutMs,
        int heartbeatMs,
        long snapshotAfterBytes,
        long snapshotIntervalMs) {
    /** Kafka's defaults where it has such a config. */
    public static final int ELECTION_TIMEOUT_MS = 1_000;

    public static final int HEARTBEAT_MS = 100;
    public static final long SNAPSHOT_AFTER_BYTES = 20L << 20;
    public static final long SNAPSHOT_INTERVAL_MS = 3_600_000;

    private static final int MIN_ELECTION_TIMEOUT_MS = 100;
    private static final int MAX_ELECTION_TIMEOUT_MS = 600_000;

    /** @throws IllegalArgumentException with a sentence that says which value is wrong */
    public QuorumConfig {
        voters = Collections.unmodifiableMap(new TreeMap<>(voters));
        require(!clusterId.isBlank(), "The quorum needs a cluster id.");
        require(
                voters.containsKey(nodeId),
                "Node " + nodeId + " is not among the voters " + voters.keySet()
                        + "; only voters can be members of the metadata quorum in this version.");
        require(
                electionTimeoutMs >= MIN_ELECTION_TIMEOUT_MS && electionTimeoutMs <= MAX_ELECTION_TIMEOUT_MS,
                "The election timeout of " + electionTimeoutMs + " ms is not within " + MIN_ELECTION_TIMEOUT_MS + " to "
                        + MAX_ELECTION_TIMEOUT_MS + ".");
        require(
                heartbeatMs > 0 && heartbeatMs <= electionTimeoutMs / 2,
                "The heartbeat interval of " + heartbeatMs + " ms is not within 1 and half of the election timeout of "
                        + electionTimeoutMs + " ms.");
        require(snapshotAfterBytes > 0, "snapshotAfterBytes must be above 0, not " + snapshotAfterBytes + ".");
        require(snapshotIntervalMs >= 0, "snapshotIntervalMs must not be below 0, as is " + snapshotIntervalMs + ".");
    }

    /** A member with the defaults. */
    public static QuorumConfig of(String clusterId, int nodeId, Map<Integer, String> voters, Path directory) {
        return new QuorumConfig(
                clusterId,
                nodeId,
                voters,
                directory,
                ELECTION_TIMEOUT_MS,
                HEARTBEAT_MS,
                SNAPSHOT_AFTER_BYTES,
                SNAPSHOT_INTERVAL_MS);
    }

    /** Whether this node alone is the quorum. */
    public boolean isAlone() {
        return voters.size() == 1;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
