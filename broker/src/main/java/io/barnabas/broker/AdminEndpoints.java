package io.barnabas.broker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

import io.barnabas.broker.config.HostPort;
import io.barnabas.broker.network.NetworkServer;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.telemetry.AdminEndpoint;
import io.barnabas.broker.telemetry.Telemetry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP endpoints that {@code admin.listeners} names, and the gauges they show of the broker. */
final class AdminEndpoints implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminEndpoints.class);
    private static final int STATE_RUNNING = 3;
    private static final int STATE_STOPPING = 6;

    private final Telemetry telemetry;
    private final Health health;
    private final AdminEndpoint.Pages pages;
    /** Guarded by this, as is whether it is closed. */
    private final List<AdminEndpoint> opened = new ArrayList<>();

    private boolean closed;

    private AdminEndpoints(Telemetry telemetry, Health health, AdminEndpoint.Pages pages) {
        this.telemetry = telemetry;
        this.health = health;
        this.pages = pages;
    }

    /** Opens them on a thread of its own: its classes take longer to load than anything clients wait for. */
    static AdminEndpoints open(
            List<HostPort> listeners, Telemetry telemetry, Health health, AdminEndpoint.Pages pages) {
        var endpoints = new AdminEndpoints(telemetry, health, pages);
        var opener = new Thread(() -> listeners.forEach(endpoints::open), "admin-start");
        opener.setDaemon(true);
        opener.start();
        return endpoints;
    }

    static void gauges(Telemetry telemetry, Partitions partitions, NetworkServer network, BooleanSupplier serving) {
        telemetry.gauge("kafka_server_replicamanager_partitioncount", "Replicas on this broker", () -> partitions
                .all()
                .size());
        telemetry.gauge(
                "kafka_server_replicamanager_leadercount",
                "Partitions that this broker leads",
                () -> partitions.all().stream()
                        .filter(partition -> partition.leadership().local())
                        .count());
        telemetry.gauge(
                "kafka_server_replicamanager_offlinereplicacount",
                "Replicas in log directories that have failed",
                partitions::offlineCount);
        telemetry.gauge(
                "kafka_server_socket_server_metrics_connection_count", "Open connections", network::connectionCount);
        telemetry.gauge(
                "kafka_server_kafkaserver_brokerstate",
                "3: running",
                () -> serving.getAsBoolean() ? STATE_RUNNING : STATE_STOPPING);
    }

    private void open(HostPort listener) {
        try {
            var endpoint = AdminEndpoint.open(
                    listener.host(), listener.port(), telemetry, health::unhealthy, health::notReady, pages);
            LOG.info("/metrics, /healthz and /readyz are at http://{}", new HostPort(listener.host(), endpoint.port()));
            keep(endpoint);
        } catch (IOException e) {
            LOG.warn(
                    "The admin endpoint {} cannot be opened ({}); the broker runs without it. Set admin.listeners"
                            + " to a free address, or to nothing.",
                    listener,
                    e.getMessage());
        }
    }

    private synchronized void keep(AdminEndpoint endpoint) {
        if (closed) {
            endpoint.close();
        } else {
            opened.add(endpoint);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        opened.forEach(AdminEndpoint::close);
    }
}
