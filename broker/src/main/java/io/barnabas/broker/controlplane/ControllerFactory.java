package io.barnabas.broker.controlplane;

import java.io.IOException;
import java.util.List;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.protocol.Uuid;

/** Makes this node's part of the metadata quorum. */
public interface ControllerFactory {
    /**
     * Checks, and on a single-voter node formats, the node's directories.
     *
     * @throws IOException with one sentence that says which directory cannot be used and why
     */
    Node prepare(BrokerConfig config) throws IOException;

    /** A formatted node; closing it stops its part of the quorum. */
    interface Node extends AutoCloseable {
        String clusterId();

        /** The ids of the log directories that work, in the order of {@code log.dirs}. */
        List<Uuid> logDirIds();

        /** Returns once the metadata on this disk is loaded; need not wait for a leader. */
        ControllerLink start() throws IOException;

        @Override
        void close();
    }
}
