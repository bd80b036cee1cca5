package io.barnabas.broker.controlplane;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.storage.log.LogStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps new replicas out of the log directories that {@code cordoned.log.dirs} names (KIP-1066), as it changes: here, and by having the
 * controller told, which places none on a broker without another one. Follows on the thread that applies metadata.
 */
public final class Cordons {
    private static final Logger LOG = LoggerFactory.getLogger(Cordons.class);

    private final NodeConfig config;
    private final LogStore logs;
    private final Runnable changed;

    /** @param changed has the controller told; what is in force at the start is told with the first heartbeat anyway */
    public Cordons(NodeConfig config, LogStore logs, Runnable changed) {
        this.config = config;
        this.logs = logs;
        this.changed = changed;
    }

    /** Before replicas of this image are ordered to exist. */
    public void apply(MetadataImage before, MetadataImage after) {
        if (before.configs() == after.configs() && before != MetadataImage.EMPTY) {
            return;
        }
        var wanted = config.at(after).cordonedLogDirs();
        boolean anyChange = false;
        for (var directory : logs.directories()) {
            boolean cordon = wanted.contains(directory.path());
            if (cordon != directory.isCordoned()) {
                LOG.info(
                        "Log directory {} {}",
                        directory,
                        cordon ? "is cordoned: it takes no new replicas" : "takes new replicas again");
                directory.cordon(cordon);
                anyChange = true;
            }
        }
        if (anyChange) {
            changed.run();
        }
    }
}
