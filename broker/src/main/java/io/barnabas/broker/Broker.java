package io.barnabas.broker;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.broker.controlplane.AutoTopics;
import io.barnabas.broker.controlplane.BrokerLifecycle;
import io.barnabas.broker.controlplane.ChangeLog;
import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.controlplane.Compaction;
import io.barnabas.broker.controlplane.ControllerFactory;
import io.barnabas.broker.controlplane.Cordons;
import io.barnabas.broker.controlplane.DirectoryAssignments;
import io.barnabas.broker.controlplane.MissingReplicas;
import io.barnabas.broker.controlplane.NodeConfig;
import io.barnabas.broker.controlplane.PartitionReconciler;
import io.barnabas.broker.controlplane.Registration;
import io.barnabas.broker.groupview.GroupFamilies;
import io.barnabas.broker.groupview.GroupPages;
import io.barnabas.broker.groupview.Lags;
import io.barnabas.broker.handler.FailureLog;
import io.barnabas.broker.network.IoThreads;
import io.barnabas.broker.network.LoopProbe;
import io.barnabas.broker.network.NetworkServer;
import io.barnabas.broker.network.NetworkSettings;
import io.barnabas.broker.partition.DiskThreads;
import io.barnabas.broker.partition.Maintenance;
import io.barnabas.broker.partition.Moves;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.partition.Workers;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.broker.telemetry.Telemetry;
import io.barnabas.broker.time.WheelTimer;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.LogDirectoryException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole broker in this process. {@link #boot} is the boot order, top to bottom; {@link #close} undoes it, bottom to top.
 */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final long SHUTDOWN_WAIT_MS = 5_000;
    private static final int READ_THREADS = 2;
    private static final long FLUSH_CHECK_MS = 1_000;

    private final BrokerConfig config;
    private final NodeConfig nodeConfig;
    private final BoundListeners listeners;
    private final ArrayDeque<AutoCloseable> started = new ArrayDeque<>();
    private final Telemetry telemetry = new Telemetry();
    private volatile boolean serving;
    private final CountDownLatch terminated = new CountDownLatch(1);

    private Broker(BrokerConfig config) {
        this.config = config;
        this.nodeConfig = new NodeConfig(config);
        this.listeners = new BoundListeners(config);
    }

    /**
     * Starts a broker; returns once it serves clients.
     *
     * @throws ConfigException if the configuration cannot be used
     * @throws BrokerStartException if anything else is in the way; nothing is left running
     */
    public static Broker start(BrokerConfig config, ControllerFactory controllers) {
        var broker = new Broker(config);
        try {
            broker.boot(controllers);
            return broker;
        } catch (ConfigException | BrokerStartException e) {
            broker.close();
            throw e;
        } catch (IOException | LogDirectoryException e) {
            broker.close();
            throw new BrokerStartException(e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            broker.close();
            throw e;
        }
    }

    private void boot(ControllerFactory controllers) throws IOException {
        long startedNanos = System.nanoTime();
        config.warnings().forEach(LOG::warn);
        listeners.refuseUnknownProtocols();
        int cores = Math.max(1, Runtime.getRuntime().availableProcessors());
        var timer = keep(new WheelTimer());

        // Ports first: a start that cannot succeed should fail before it touches the disk.
        var threads = new IoThreads(cores);
        var network = new NetworkServer(threads, networkSettings());
        started.push(threads);
        started.push(network);
        listeners.bind(network);

        // The metadata quorum and the recovery of the logs do not need each other.
        var node = controllers.prepare(config);
        started.push(node);
        var recovering = RecoveringLogs.begin(config, nodeConfig, node.clusterId(), Broker::diskIsGone);
        var controller = recovering.start(node);
        var logs = recovering.await();

        // Closed from the end: the controller, then connections and workers, then the logs under them.
        started.remove(node);
        started.remove(threads);
        started.remove(network);
        keep(logs);
        var forcing = keep(new DiskThreads("flush", cores));
        var readers = keep(new DiskThreads("read", READ_THREADS));
        keep(threads);
        keep(network);
        keep(node);

        var workers = new Workers(2 * cores, threads, forcing, logs::newGroupCommit);
        var partitions = new Partitions(workers, logs, telemetry);
        keep(new Maintenance(logs, partitions, maintenancePeriods()));
        var compaction =
                config.booleanValue("log.cleaner.enable") ? keep(new Compaction(logs, partitions, nodeConfig)) : null;
        var cluster = new Cluster(config.nodeId(), node.clusterId(), workers::settled, partitions::isOffline);
        var advertised = listeners.advertised();
        var lifecycle = new BrokerLifecycle(
                controller,
                timer,
                Registration.of(config, node.clusterId(), advertised, node.logDirIds()),
                config.longValue("broker.heartbeat.interval.ms"),
                () -> ids(logs.offline()),
                () -> ids(logs.cordoned()));
        var assignments = new DirectoryAssignments(config.nodeId(), lifecycle::epoch, controller, timer, readers);
        var moves = keep(new Moves(logs, partitions, moveThreads(), assignments::located));
        var groups = GroupCoordinator.start(nodeConfig, cluster, partitions, readers, timer);
        var forClients = BrokerHandlers.forClients(
                config,
                nodeConfig,
                logs,
                partitions,
                moves,
                cluster,
                controller.answeringAfter(cluster::settled),
                lifecycle,
                groups,
                timer,
                readers);
        var forControllers = BrokerHandlers.forControllers(cluster);
        logs.checkSpace();
        var missing = MissingReplicas.among(controller.image(), config.nodeId(), logs);
        missing.keepOffline(logs, partitions);
        var reconciler = new PartitionReconciler(config.nodeId(), partitions, nodeConfig);
        controller.listen(new Cordons(nodeConfig, logs, lifecycle::tell)::apply);
        controller.listen(reconciler::apply);
        controller.listen(groups::apply);
        controller.listen((before, after) ->
                moves.limit(nodeConfig.at(after).longValue("replica.alter.log.dirs.io.max.bytes.per.second")));
        controller.listen(cluster::apply);
        controller.listen(new ChangeLog()::apply);
        if (compaction != null) {
            controller.listen(compaction::apply);
        }
        controller.listen(
                (before, after) -> network.maxConnections(nodeConfig.at(after).intValue("max.connections")));

        keep(() -> lifecycle.stop().toCompletableFuture().get(SHUTDOWN_WAIT_MS, TimeUnit.MILLISECONDS));
        lifecycle.start().toCompletableFuture().join();
        cluster.settled().toCompletableFuture().join();
        missing.report(logs);
        AutoTopics.warnings(config, cluster.image()).forEach(LOG::warn);
        if (cluster.image().topics().size() > 0) {
            partitions.putAsideStrays();
        } else if (!logs.logs().isEmpty()) {
            LOG.warn(
                    "The metadata knows of no topic, but there are {} partitions in {}; they are left alone. Is this the data of"
                            + " another cluster?",
                    logs.logs().size(),
                    config.logDirs());
        }

        assignments.correct(logs);
        moves.resume();

        var controllerListeners = config.controllerListenerNames();
        network.serve(
                listener -> controllerListeners.contains(listener) ? forControllers : forClients,
                new FailureLog(),
                telemetry);
        serving = true;
        if (!config.adminListeners().isEmpty()) {
            var health = new Health(new LoopProbe(threads), logs, partitions, cluster, lifecycle, () -> serving);
            AdminEndpoints.gauges(telemetry, partitions, network, () -> serving);
            LogMetrics.register(telemetry, logs, partitions, compaction);
            telemetry.source(new GroupFamilies(groups, System::nanoTime));
            int maxLagSeries = config.intValue("group.lag.max.series");
            if (maxLagSeries > 0) {
                telemetry.source(new Lags(groups, partitions, maxLagSeries, System::currentTimeMillis));
            }
            keep(AdminEndpoints.open(config.adminListeners(), telemetry, health, new GroupPages(groups)));
        }
        LOG.info(
                "[broker {}] The broker has been unfenced. Transitioning from RECOVERY to RUNNING after {} ms; clients reach"
                        + " it at {}",
                config.nodeId(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos),
                advertised);
        LOG.info("[BrokerServer id={}] Kafka Server started", config.nodeId());
    }

    private Maintenance.Periods maintenancePeriods() {
        return new Maintenance.Periods(
                config.longValue("log.initial.task.delay.ms"),
                config.retentionCheckIntervalMs(),
                config.intValue("producer.id.expiration.check.interval.ms"),
                shortest(FLUSH_CHECK_MS, "log.flush.scheduler.interval.ms"),
                shortest(
                        Long.MAX_VALUE,
                        "log.flush.offset.checkpoint.interval.ms",
                        "log.flush.start.offset.checkpoint.interval.ms"));
    }

    /** The shortest of some periods in ms; what is not above 0 asks for none. */
    private long shortest(long atMostMs, String... keys) {
        return Stream.of(keys)
                .mapToLong(config::longValue)
                .filter(periodMs -> periodMs > 0)
                .reduce(atMostMs, Math::min);
    }

    private int moveThreads() {
        var wanted = (Integer) config.value("num.replica.alter.log.dirs.threads");
        return wanted == null ? config.logDirs().size() : Math.max(1, wanted);
    }

    private NetworkSettings networkSettings() {
        return new NetworkSettings(
                config.socketRequestMaxBytes(),
                config.connectionsMaxIdleMs(),
                config.intValue("max.connections"),
                config.intValue("socket.listen.backlog.size"));
    }

    private static void diskIsGone() {
        LOG.error(
                "The broker stops with exit code 1: without its disk it can neither keep records nor follow the metadata");
        Runtime.getRuntime().halt(1);
    }

    private static List<Uuid> ids(List<LogDirectory> directories) {
        return directories.stream()
                .flatMap(directory -> directory.id().stream())
                .toList();
    }

    /** The port a listener was bound to. */
    public int port(String listenerName) {
        return listeners.port(listenerName);
    }

    /** Returns once the broker has been closed. */
    public void awaitTermination() throws InterruptedException {
        terminated.await();
    }

    /** Clean shutdown; idempotent. Returns when all is closed and the logs are marked clean. */
    @Override
    public synchronized void close() {
        boolean served = serving;
        if (served) {
            LOG.info("[BrokerServer id={}] shutting down", config.nodeId());
        }
        serving = false;
        while (!started.isEmpty()) {
            var part = started.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("{} did not close cleanly", part, e);
            }
        }
        if (served) {
            LOG.info("[BrokerServer id={}] shut down completed", config.nodeId());
            LOG.info("App info kafka.server for {} unregistered", config.nodeId());
        }
        terminated.countDown();
    }

    private <T extends AutoCloseable> T keep(T part) {
        started.push(part);
        return part;
    }
}
