package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.alipay.sofa.jraft.NodeManager;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.util.concurrent.DefaultFixedThreadsExecutorGroupFactory;
import com.alipay.sofa.jraft.util.concurrent.FixedThreadsExecutorGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Quorum} by SOFAJRaft 1.4.1, which is left with the protocol alone: log, vote and transport are ours. Any thread; what the
 * listener and completed proposals do runs on JRaft's apply thread and must not block there.
 */
public final class JRaftQuorum implements Quorum {
    /** Proposals under way; more fail at once. */
    static final int MOST_IN_FLIGHT = 256;

    /** The largest batch; the controller's are far below. */
    static final int LARGEST_BATCH_BYTES = 32 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(JRaftQuorum.class);
    /** All that is on the disk is replayed meanwhile, and snapshots keep that short. */
    private static final long LEADERSHIP_TIMEOUT_MS = 60_000;

    private static final String LOG_DIRECTORY = "log";
    private static final String SNAPSHOT_DIRECTORY = "snapshot";
    private static final int APPEND_THREADS = 2;
    private static final int APPENDS_WAITING = 4_096;

    static {
        JRaftOptions.limitSharedPools();
    }

    private final QuorumConfig config;
    private final RaftTransport transport;
    private final Path logDirectory;
    private final Path snapshotDirectory;
    private final MetadataSpace space;
    private final FileRaftStorage storage;
    private final RaftMessageClient client;
    private final Semaphore room = new Semaphore(MOST_IN_FLIGHT);
    private final Set<CompletableFuture<Long>> underWay = ConcurrentHashMap.newKeySet();
    /** Set in start, which comes before all else. */
    private FileChannel lockFile;

    private FixedThreadsExecutorGroup appendThreads;
    private RaftMessageServer server;
    private LogFold fold;
    private volatile NodeImpl node;
    private volatile boolean closed;

    private JRaftQuorum(QuorumConfig config, RaftTransport transport, MetadataSpace space) {
        this.space = space;
        this.config = config;
        this.transport = transport;
        this.logDirectory = config.directory().resolve(LOG_DIRECTORY);
        this.snapshotDirectory = config.directory().resolve(SNAPSHOT_DIRECTORY);
        this.storage = new FileRaftStorage(logDirectory, config.directory(), space);
        this.client = new RaftMessageClient(transport);
    }

    /**
     * The member of a quorum of one, which needs no transport.
     *
     * @throws IllegalArgumentException if there are more voters
     */
    public static JRaftQuorum alone(QuorumConfig config) {
        return alone(config, new MetadataSpace(config.directory(), MetadataSpace.RESERVE_BYTES));
    }

    static JRaftQuorum alone(QuorumConfig config, MetadataSpace space) {
        if (!config.isAlone()) {
            throw new IllegalArgumentException("A metadata quorum of several voters (" + config.voters()
                    + ") is not supported in this version; name just one in controller.quorum.voters.");
        }
        return new JRaftQuorum(config, null, space);
    }

    /** @param transport closed with the quorum */
    public static JRaftQuorum over(RaftTransport transport, QuorumConfig config) {
        return new JRaftQuorum(config, transport, new MetadataSpace(config.directory(), MetadataSpace.RESERVE_BYTES));
    }

    /** Whether a directory, as {@link QuorumConfig#directory} names it, holds anything of a metadata log. */
    public static boolean isKeptIn(Path directory) throws IOException {
        if (FileRaftLog.existsIn(directory.resolve(LOG_DIRECTORY))) {
            return true;
        }
        var snapshots = directory.resolve(SNAPSHOT_DIRECTORY);
        if (!Files.isDirectory(snapshots)) {
            return false;
        }
        try (var found = Files.list(snapshots)) {
            return found.findAny().isPresent();
        }
    }

    @Override
    public void start(QuorumListener listener) throws IOException {
        try {
            prepareDirectory();
            space.open();
            fold = new LogFold(
                    listener,
                    new SnapshotSchedule(
                            config.snapshotAfterBytes(), config.snapshotIntervalMs(), this::snapshotIfThereIsSpace));
            server = new RaftMessageServer();
            storage.vote().load();
            storage.log().open();
            startNode();
            requireSameVoters();
            if (config.isAlone()) {
                awaitLeadership();
            } else {
                transport.listen(server::receive);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private String group() {
        return NodeNames.groupOf(config.clusterId());
    }

    private void prepareDirectory() throws IOException {
        DurableFiles.makeDirectory(config.directory());
        lockFile = FileChannel.open(
                config.directory().resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            locked = lockFile.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            LOG.debug("Locked in this process", e);
        }
        if (!locked) {
            throw new IOException("Failed to acquire the lock of " + config.directory()
                    + ": another process uses this metadata directory; stop it, or set metadata.log.dir.");
        }
        DurableFiles.makeDirectory(snapshotDirectory);
        if (FileRaftLog.existsIn(logDirectory)
                && !Files.exists(config.directory().resolve(VoteFile.NAME))) {
            throw new RaftLogCorruptException("The file " + VoteFile.NAME + " is missing in " + config.directory()
                    + ", though there is a metadata log, so that nobody knows whom this node voted for. Restore this node's"
                    + " metadata directory from a backup, or, where other voters are up to date, let it join anew.");
        }
    }

    private void startNode() throws IOException {
        var self = NodeNames.of(config.nodeId());
        appendThreads = DefaultFixedThreadsExecutorGroupFactory.INSTANCE.newExecutorGroup(
                APPEND_THREADS, "raft-append-n" + config.nodeId() + "-", APPENDS_WAITING, true);
        NodeManager.getInstance().addAddress(self.getEndpoint());
        var starting = new NodeImpl(group(), self);
        node = starting;
        if (!TransportRpcFactory.with(client, () -> starting.init(options()))) {
            throw whyNotStarted();
        }
    }

    private NodeOptions options() {
        var options = JRaftOptions.of(config);
        options.setFsm(fold);
        options.setServiceFactory(storage);
        options.setLogUri(logDirectory.toString());
        options.setRaftMetaUri(config.directory().toString());
        options.setSnapshotUri(snapshotDirectory.toString());
        options.setAppendEntriesExecutors(appendThreads);
        return options;
    }

    /** JRaft itself only says that it cannot start. */
    private IOException whyNotStarted() {
        for (var failure : new Throwable[] {storage.log().failure(), fold.failure()}) {
            if (failure instanceof IOException io) {
                return io;
            }
            if (failure != null) {
                return new IOException(
                        "The metadata in " + config.directory() + " cannot be loaded: " + failure, failure);
            }
        }
        if (NodeManager.getInstance().get(group(), NodeNames.of(config.nodeId())) != null) {
            return new IOException(
                    "Node " + config.nodeId() + " of cluster " + config.clusterId() + " already runs in this process.");
        }
        return new RaftLogCorruptException("The metadata log in " + logDirectory + " (entries "
                + storage.log().getFirstLogIndex() + " to " + storage.log().getLastLogIndex()
                + ") does not continue the snapshot in " + snapshotDirectory
                + ". Restore this node's metadata directory from a"
                + " backup, or, where other voters are up to date, let it join anew.");
    }

    /** What is in the log wins over the configuration; to start in silence with other voters than named would mislead. */
    private void requireSameVoters() throws IOException {
        var known = storage.log().voters();
        var named = List.copyOf(config.voters().keySet());
        if (!known.isEmpty() && !known.equals(named)) {
            throw new IOException("The metadata log in " + config.directory() + " belongs to the voters " + known
                    + ", but the configuration names " + named + "; correct controller.quorum.voters.");
        }
    }

    private void awaitLeadership() throws IOException {
        try {
            fold.leadership().get(LEADERSHIP_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the metadata in " + config.directory() + " was loaded");
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(
                    "The only voter of the metadata quorum in " + config.directory() + " does not come to lead.", e);
        }
    }

    @Override
    public CompletionStage<Long> propose(byte[] recordBatch, long term) {
        if (recordBatch.length > LARGEST_BATCH_BYTES) {
            return CompletableFuture.failedFuture(new IOException("A batch of " + recordBatch.length
                    + " bytes is larger than the " + LARGEST_BATCH_BYTES + " that the metadata log takes."));
        }
        if (!room.tryAcquire()) {
            return CompletableFuture.failedFuture(
                    new IOException("There are " + MOST_IN_FLIGHT + " batches under way already."));
        }
        var stage = new CompletableFuture<Long>();
        underWay.add(stage);
        stage.whenComplete((index, error) -> {
            underWay.remove(stage);
            room.release();
        });
        try {
            node.apply(new Task(ByteBuffer.wrap(recordBatch), new LogFold.Proposal(stage), term));
        } catch (RuntimeException e) {
            stage.completeExceptionally(new IOException("The quorum takes no batches.", e));
        }
        if (closed) {
            failUnderWay();
        }
        return stage;
    }

    @Override
    public QuorumState describe() {
        boolean leads = node.isLeader();
        Map<Integer, Long> replicaIndex = leads ? client.matchIndex() : new TreeMap<>();
        replicaIndex.put(config.nodeId(), storage.log().getLastLogIndex());
        List<Integer> learners;
        try {
            learners = leads ? NodeNames.idsOf(node.listLearners()) : List.of();
        } catch (IllegalStateException e) {
            learners = List.of();
        }
        return new QuorumState(
                NodeNames.idOf(node.getLeaderId()),
                storage.vote().term(),
                List.copyOf(config.voters().keySet()),
                learners,
                node.getLastCommittedIndex(),
                replicaIndex);
    }

    /** JRaft stops a node that has no space for a snapshot; without one only the log is longer, until the next is due. */
    private void snapshotIfThereIsSpace() {
        if (space.isShort()) {
            LOG.warn("No snapshot of the metadata is taken: the disk of {} is full", config.directory());
        } else {
            snapshot();
        }
    }

    /** Takes a snapshot; completes when it is on the disk. */
    CompletionStage<Void> snapshot() {
        var stage = new CompletableFuture<Void>();
        node.snapshot(status -> complete(stage, status));
        return stage;
    }

    private static void complete(CompletableFuture<Void> stage, Status status) {
        if (status.isOk()) {
            stage.complete(null);
        } else {
            stage.completeExceptionally(new IOException(status.getErrorMsg()));
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (fold != null) {
            fold.close();
        }
        stopNode();
        failUnderWay();
        if (server != null) {
            server.close();
        }
        if (transport != null) {
            transport.close();
        }
        space.close();
        if (lockFile != null) {
            try {
                lockFile.close();
            } catch (IOException e) {
                LOG.warn("The lock of {} was not given back cleanly", config.directory(), e);
            }
        }
    }

    private void stopNode() {
        if (node == null) {
            return;
        }
        storage.log().closing();
        try {
            node.shutdown();
            node.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        storage.log().shutdown();
        appendThreads.shutdownGracefully();
    }

    private void failUnderWay() {
        var closing = new IOException("The quorum was closed while the batch was under way.");
        List.copyOf(underWay).forEach(stage -> stage.completeExceptionally(closing));
    }
}
