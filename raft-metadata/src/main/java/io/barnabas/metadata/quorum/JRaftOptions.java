package io.barnabas.metadata.quorum;

import java.util.List;

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

    /** Pools that all nodes of a JVM share, of as many threads as there are processors, for good, unless told otherwise. */
    private static final List<String> SHARED_POOLS =
            List.of("jraft.closure.threadpool", "jraft.internal.closure.threadpool", "jraft.rpc.closure.threadpool");

    private static final List<String> SHARED_TIMERS =
            List.of("election_timer", "vote_timer", "step_down_timer", "snapshot_timer");

    private static final String IDLE_THREAD_S = "5";

    private JRaftOptions() {}

    /** Must come before JRaft's classes are loaded. What the command line sets stays. */
    static void limitSharedPools() {
        for (var pool : SHARED_POOLS) {
            setUnlessSet(pool + ".size.min", "0");
            setUnlessSet(pool + ".keepalive.seconds", IDLE_THREAD_S);
        }
        for (var timer : SHARED_TIMERS) {
            setUnlessSet("jraft.timer.global_" + timer + "_workers", "1");
        }
        setUnlessSet("jraft.timer.global_scheduler_workers", "2");
    }

    private static void setUnlessSet(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
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
