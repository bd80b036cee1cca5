package io.barnabas.broker.testing;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

import io.barnabas.broker.Broker;
import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.controlplane.LocalController;

/** A broker on a free loopback port, with Kafka's defaults but for what a test overrides. */
public final class TestBroker implements AutoCloseable {
    private final Broker broker;

    private TestBroker(Broker broker) {
        this.broker = broker;
    }

    public static TestBroker start(Path logDir) throws Exception {
        return start(logDir, Map.of());
    }

    public static TestBroker start(Path logDir, Map<String, String> overrides) throws Exception {
        var properties = new LinkedHashMap<String, String>();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("controller.quorum.voters", "1@localhost:0");
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0");
        properties.put("admin.listeners", "");
        properties.put("log.dirs", logDir.toString());
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("offsets.topic.num.partitions", "3");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.putAll(overrides);
        return new TestBroker(
                Broker.start(BrokerConfig.of(properties), new LocalController(TestBroker::metadataIsGone)));
    }

    private static void metadataIsGone() {
        throw new AssertionError("The node cannot follow its metadata any more");
    }

    public int port() {
        return broker.port("PLAINTEXT");
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port();
    }

    /** Settings for a stock client. */
    public Map<String, Object> clientSettings() {
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", bootstrapServers());
        return settings;
    }

    public Broker broker() {
        return broker;
    }

    @Override
    public void close() {
        broker.close();
    }
}
