package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.StateMachine;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.entity.LeaderChangeContext;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes on what JRaft commits, and stops for good when the listener cannot follow. Called on JRaft's apply thread, but for
 * {@link #close} and {@link #onError}.
 */
final class LogFold implements StateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(LogFold.class);

    private final QuorumListener listener;
    private final SnapshotSchedule schedule;
    private final CompletableFuture<Long> leadership = new CompletableFuture<>();
    /** Guards that the listener is not called after {@link #close} returned or {@link QuorumListener#onFatal} was called. */
    private final Object calls = new Object();

    private boolean ended;
    private volatile Throwable failure;

    LogFold(QuorumListener listener, SnapshotSchedule schedule) {
        this.listener = listener;
        this.schedule = schedule;
    }

    /** Something the listener is told. */
    private interface Call {
        void make() throws IOException;
    }

    /** A batch on its way; completes its stage once it was applied here. */
    static final class Proposal implements Closure {
        private final CompletableFuture<Long> stage;
        private long index;

        Proposal(CompletableFuture<Long> stage) {
            this.stage = stage;
        }

        @Override
        public void run(Status status) {
            if (status.isOk()) {
                stage.complete(index);
            } else {
                stage.completeExceptionally(
                        new IOException("The quorum did not confirm the batch: " + status.getErrorMsg()));
            }
        }
    }

    /** Completes with the first term this node leads in, after the listener was told of it. */
    CompletableFuture<Long> leadership() {
        return leadership;
    }

    /** Why this node cannot follow the log; null if it can. */
    Throwable failure() {
        return failure;
    }

    /** No call of the listener comes afterwards. */
    void close() {
        synchronized (calls) {
            ended = true;
        }
    }

    private boolean tell(Call call) {
        synchronized (calls) {
            if (ended) {
                return failure == null;
            }
            try {
                call.make();
                return true;
            } catch (IOException | RuntimeException | Error e) {
                fail(e);
                return false;
            }
        }
    }

    /** The listener is told on a thread of its own: it may end the process, and so have the quorum closed. */
    private void fail(Throwable cause) {
        synchronized (calls) {
            if (failure != null) {
                return;
            }
            failure = cause;
            leadership.completeExceptionally(cause);
            if (!ended) {
                ended = true;
                var thread = new Thread(() -> listener.onFatal(cause), "metadata-fatal");
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    @Override
    public void onApply(Iterator entries) {
        while (entries.hasNext()) {
            var data = entries.getData().duplicate();
            var batch = new byte[data.remaining()];
            data.get(batch);
            long index = entries.getIndex();
            long term = entries.getTerm();
            if (!tell(() -> listener.onCommitted(index, term, batch))) {
                throw new IllegalStateException("entry " + index + " could not be applied", failure);
            }
            if (entries.done() instanceof Proposal proposal) {
                proposal.index = index;
                proposal.run(Status.OK());
            }
            schedule.applied(batch.length);
            entries.next();
        }
    }

    @Override
    public void onLeaderStart(long term) {
        if (tell(() -> listener.onLeaderStart(term))) {
            leadership.complete(term);
        }
    }

    @Override
    public void onLeaderStop(Status status) {
        tell(listener::onLeaderStop);
    }

    @Override
    public void onStartFollowing(LeaderChangeContext context) {
        tell(() -> listener.onFollowing(NodeNames.idOf(context.getLeaderId()), context.getTerm()));
    }

    @Override
    public void onStopFollowing(LeaderChangeContext context) {}

    @Override
    public void onConfigurationCommitted(Configuration configuration) {}

    /** The listener's state is taken on the apply thread, and written on another. */
    @Override
    public void onSnapshotSave(SnapshotWriter writer, Closure done) {
        var snapshot = new byte[1][];
        if (!tell(() -> snapshot[0] = listener.saveSnapshot()) || snapshot[0] == null) {
            done.run(new Status(RaftError.ESTATEMACHINE, "there is nothing to save"));
            return;
        }
        var thread = new Thread(() -> write(writer, snapshot[0], done), "metadata-snapshot");
        thread.setDaemon(true);
        thread.start();
    }

    /** A full disk is no reason to stop while the log can be written: the next snapshot may succeed. */
    private static void write(SnapshotWriter writer, byte[] snapshot, Closure done) {
        try {
            SnapshotFile.write(Path.of(writer.getPath(), SnapshotFile.NAME), snapshot);
            boolean added = writer.addFile(SnapshotFile.NAME);
            done.run(added ? Status.OK() : new Status(RaftError.EAGAIN, "the snapshot's file was refused"));
        } catch (IOException | RuntimeException e) {
            LOG.warn("A snapshot of the metadata cannot be written to {}: {}", writer.getPath(), e.toString());
            LOG.debug("Why there is no snapshot", e);
            done.run(new Status(RaftError.EAGAIN, "the snapshot cannot be written: %s", e));
        }
    }

    @Override
    public boolean onSnapshotLoad(SnapshotReader reader) {
        return tell(() -> {
            listener.loadSnapshot(SnapshotFile.read(Path.of(reader.getPath(), SnapshotFile.NAME)));
            schedule.snapshotTaken();
        });
    }

    @Override
    public void onError(RaftException e) {
        fail(e);
    }

    @Override
    public void onShutdown() {}
}
