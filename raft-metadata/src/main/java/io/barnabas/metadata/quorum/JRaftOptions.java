package io.barnabas.metadata.quorum;

import java.util.Map;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;

/** How JRaft is set up: few threads, no commands for administrators, everything forced to disk. */
final class JRaftOptions {
    /** JRaft's ring of proposals; above what we let in, since a full ring refuses, and once used to stop the node. */
    static final int RING_ENTRIES = 1_024;

    private static final int MAX_CONNECT_TIMEOUT_MS = 500;
    private static final int MAX_REQUEST_TIMEOUT_MS = 5_000;
    private static final int SNAPSHOT_TIMEOUT_MS = 300_000;
    private static final int RESPONSE_THREADS = 3;
    private static final int IN_FLIGHT_PER_FOLLOWER = 64;

    /** Pools that all nodes of a JVM share, sized by the number of processors unless told otherwise; threads stay for good. */
    private static final Map<String, String> SHARED_POOLS = Map.of(
            "jraft.closure.threadpool.size.min", "0",
            "jraft.closure.threadpool.keepalive.seconds", "5",
            "jraft.internal.closure.threadpool.size.min", "0",
            "jraft.internal.closure.threadpool.keepalive.seconds", "5",
            "jraft.timer.global_election_timer_workers", "1",
            "jraft.timer.global_vote_timer_workers", "1",
            "jraft.timer.global_step_down_timer_workers", "1",
            "jraft.timer.global_snapshot_timer_workers", "1",
            "jraft.timer.global_scheduler_workers", "2");

    private JRaftOptions() {}

    /** Must come before JRaft's classes are loaded. What the command line sets stays. */
    static void limitSharedPools() {
        SHARED_POOLS.forEach((key, value) -> {
            if (System.getProperty(key) == null) {
                System.setProperty(key, value);
            }
        });
    }

    static NodeOptions of(QuorumConfig config) {
        var options = new NodeOptions();
        var voters = new Configuration();
        config.voters().keySet().forEach(voter -> voters.addPeer(NodeNames.of(voter)));
        options.setInitialConf(voters);
        options.setElectionTimeoutMs(config.electionTimeoutMs());
        options.setSnapshotIntervalSecs(0);
        options.setDisableCli(true);
        options.setEnableMetrics(false);
        options.setSharedTimerPool(true);
        options.setSharedElectionTimer(true);
        options.setSharedVoteTimer(true);
        options.setSharedStepDownTimer(true);
        options.setSharedSnapshotTimer(true);
        options.setRpcProcessorThreadPoolSize(RESPONSE_THREADS);
        options.setRpcConnectTimeoutMs(Math.min(MAX_CONNECT_TIMEOUT_MS, config.electionTimeoutMs() / 2));
        // A follower gets nothing more until a request that was lost has run into this.
        options.setRpcDefaultTimeout(Math.min(MAX_REQUEST_TIMEOUT_MS, 2 * config.electionTimeoutMs()));
        options.setRpcInstallSnapshotTimeout(SNAPSHOT_TIMEOUT_MS);
        options.setRaftOptions(protocol(config));
        return options;
    }

    private static RaftOptions protocol(QuorumConfig config) {
        var options = new RaftOptions();
        options.setSync(true);
        options.setSyncMeta(true);
        options.setEnableLogEntryChecksum(true);
        options.setDisruptorBufferSize(RING_ENTRIES);
        options.setReplicatorPipeline(true);
        options.setMaxReplicatorInflightMsgs(IN_FLIGHT_PER_FOLLOWER);
        options.setElectionHeartbeatFactor(Math.max(2, config.electionTimeoutMs() / config.heartbeatMs()));
        options.setMaxElectionDelayMs(config.electionTimeoutMs());
        options.setOpenStatistics(false);
        return options;
    }
}
