package io.barnabas.broker;

import java.util.Optional;
import java.util.function.BooleanSupplier;

import io.barnabas.broker.controlplane.BrokerLifecycle;
import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.network.LoopProbe;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.log.LogStore;

/**
 * What /healthz and /readyz tell: a sentence that says what is wrong, or empty. Looks at the broker itself each time it is asked; on
 * the threads of the admin endpoint, which may wait.
 *
 * @param serving whether clients are let in
 */
record Health(
        LoopProbe loops,
        LogStore logs,
        Partitions partitions,
        Cluster cluster,
        BrokerLifecycle lifecycle,
        BooleanSupplier serving) {
    private static final long PROBE_MS = 2_000;

    /**
     * Whether a restart might help: a network thread that hangs, a log directory that failed. A node that cannot follow its metadata
     * ends by itself.
     */
    Optional<String> unhealthy() {
        return offlineDirectory().or(() -> loops.silent(PROBE_MS));
    }

    /** Whether clients should be sent here. Partitions of a failed log directory do not keep them from the others. */
    Optional<String> notReady() {
        if (!serving.getAsBoolean()) {
            return Optional.of("The broker is shutting down.");
        }
        if (lifecycle.epoch() < 0) {
            return Optional.of("The broker is not registered with the controller.");
        }
        if (!lifecycle.isUnfenced()) {
            return Optional.of("The controller has fenced this broker, or does not answer its heartbeats.");
        }
        return offlineDirectory().isPresent() ? Optional.empty() : notLoaded();
    }

    private Optional<String> offlineDirectory() {
        return logs.directories().stream()
                .filter(directory -> !directory.isOnline())
                .findFirst()
                .map(directory -> "The log directory " + directory + " has failed and is offline; see the log.");
    }

    private Optional<String> notLoaded() {
        int missing = 0;
        TopicPartition first = null;
        for (var topic : cluster.image().topics().all()) {
            for (var partition : topic.partitions()) {
                if (partition.replicas().contains(cluster.brokerId())) {
                    var name = new TopicPartition(topic.name(), partition.partition());
                    if (partitions.find(name) == null) {
                        missing++;
                        first = first == null ? name : first;
                    }
                }
            }
        }
        return missing == 0
                ? Optional.empty()
                : Optional.of(missing + " partitions are not loaded, such as " + first + "; see the log.");
    }
}
