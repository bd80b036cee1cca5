package io.barnabas.metadata;

import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import io.barnabas.metadata.controller.CommittedMetadata;
import io.barnabas.metadata.controller.Controller;
import io.barnabas.metadata.controller.SnapshotCodec;
import io.barnabas.metadata.quorum.Quorum;
import io.barnabas.metadata.quorum.QuorumListener;
import io.barnabas.protocol.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's metadata: its member of the quorum, the image folded from what that commits, and the controller that is active while the
 * node leads. Any thread.
 */
public final class MetadataNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataNode.class);
    private static final int NOBODY = -1;

    private final CommittedMetadata committed = new CommittedMetadata();
    private final Quorum quorum;
    private final Controller controller;
    private volatile int leaderId = NOBODY;

    private MetadataNode(MetadataNodeConfig config, Quorum quorum) {
        this.quorum = quorum;
        controller = new Controller(
                config.controller(),
                committed,
                quorum::propose,
                () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()),
                bound -> ThreadLocalRandom.current().nextInt(bound),
                Uuid::random);
    }

    /**
     * Starts the node's member of the quorum. Returns once the metadata on this disk is loaded; on the only voter the controller is
     * then active, and the first call to it sets up a new cluster.
     *
     * @param quorum not started yet; the node closes it
     */
    public static MetadataNode start(MetadataNodeConfig config, Quorum quorum) throws IOException {
        var node = new MetadataNode(config, quorum);
        node.controller.start();
        try {
            quorum.start(node.new Fold(config));
        } catch (IOException | RuntimeException e) {
            node.close();
            throw e;
        }
        return node;
    }

    public Controller controller() {
        return controller;
    }

    public Quorum quorum() {
        return quorum;
    }

    /** The node whose controller is active, as far as this one knows; -1 if it knows none. */
    public int leaderId() {
        return leaderId;
    }

    @Override
    public void close() {
        controller.close();
        quorum.close();
    }

    /** Folds what is committed. Called on the quorum's apply thread only. */
    private final class Fold implements QuorumListener {
        private final MetadataNodeConfig config;

        Fold(MetadataNodeConfig config) {
            this.config = config;
        }

        @Override
        public void onCommitted(long index, long term, byte[] recordBatch) {
            committed.apply(index, recordBatch);
        }

        @Override
        public void onLeaderStart(long term) {
            leaderId = config.controller().nodeId();
            controller.leaderStarted(term);
        }

        @Override
        public void onLeaderStop() {
            leaderId = NOBODY;
            controller.leaderStopped();
        }

        @Override
        public void onFollowing(int leader, long term) {
            leaderId = leader;
        }

        @Override
        public byte[] saveSnapshot() {
            return SnapshotCodec.encode(committed.image());
        }

        @Override
        public void loadSnapshot(byte[] snapshot) {
            committed.publish(SnapshotCodec.decode(snapshot));
        }

        @Override
        public void onFatal(Throwable failure) {
            LOG.error("This node cannot follow the cluster's metadata any more", failure);
            config.onFatal().accept(failure);
        }
    }
}
