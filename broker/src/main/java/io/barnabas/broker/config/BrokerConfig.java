package io.barnabas.broker.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/**
 * The configuration of one node: a KRaft server.properties as Apache Kafka 4.3.1 reads it, with its dynamic overlays.
 * Immutable, any thread; {@link #withDynamic} makes the next one. Hot paths keep the value they need, lookups here parse.
 */
public final class BrokerConfig {

    private final ConfigLayers layers;
    private final Listeners listeners;

    private BrokerConfig(ConfigLayers layers) {
        this.layers = layers;
        this.listeners = Listeners.of(this);
    }

    private BrokerConfig(ConfigLayers layers, Listeners listeners) {
        this.layers = layers;
        this.listeners = listeners;
    }

    /**
     * Reads a file in java.util.Properties form; overrides win.
     *
     * @throws ConfigException if the file cannot be read or its content cannot be used
     */
    public static BrokerConfig load(Path file, Map<String, String> overrides) {
        var properties = new Properties();
        try (var in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            properties.load(in);
        } catch (NoSuchFileException e) {
            throw new ConfigException("The configuration file " + file + " does not exist.");
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException("The configuration file " + file + " cannot be read: " + e.getMessage());
        }
        var values = new HashMap<String, String>();
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name)));
        values.putAll(overrides);
        return of(values);
    }

    /** @throws ConfigException if a value is of the wrong type, out of range or contradicts another */
    public static BrokerConfig of(Map<String, String> values) {
        var completed = new HashMap<>(values);
        if (values.containsKey("node.id")) {
            completed.putIfAbsent("broker.id", values.get("node.id"));
        } else if (values.containsKey("broker.id")) {
            completed.put("node.id", values.get("broker.id"));
        }
        ConfigChecks.checkValues(values, completed.keySet());
        var layers = new ConfigLayers(Map.of(), Map.of(), completed);
        var config = new BrokerConfig(layers);
        ConfigChecks.checkTogether(config);
        return config;
    }

    /**
     * This configuration under other dynamic values; the listeners stay those of the file.
     *
     * @param ofCluster the BROKER resource with the empty name
     * @param ofBroker the BROKER resource of this node
     */
    public BrokerConfig withDynamic(Map<String, String> ofCluster, Map<String, String> ofBroker) {
        return new BrokerConfig(new ConfigLayers(ofBroker, ofCluster, layers.ofFile()), listeners);
    }

    public ConfigLayers layers() {
        return layers;
    }

    /** Sentences for the log at start: unknown keys with what was probably meant, and keys that have no effect here. */
    public List<String> warnings() {
        return ConfigChecks.warnings(layers.ofFile());
    }

    // ---- any key ----

    /** True if the file or a dynamic config sets exactly this key. */
    public boolean isSet(String name) {
        return layers.text(name) != null;
    }

    /** The parsed value, its default included; null where there is none. */
    public Object value(String name) {
        var definition = ConfigTable.BROKER
                .find(name)
                .or(() -> ConfigTable.BROKER_DYNAMIC_ONLY.find(name))
                .orElseThrow(() -> new IllegalArgumentException("No such key: " + name));
        var text = layers.text(name);
        return definition.parse(text == null ? definition.defaultText() : text);
    }

    /** Of an INT or a SHORT. */
    public int intValue(String name) {
        return value(name) instanceof Short small ? small : (Integer) value(name);
    }

    public long longValue(String name) {
        return ((Number) value(name)).longValue();
    }

    public double doubleValue(String name) {
        return (Double) value(name);
    }

    public boolean booleanValue(String name) {
        return (Boolean) value(name);
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable((String) value(name));
    }

    public List<String> list(String name) {
        var items = (List<?>) value(name);
        var copy = new ArrayList<String>();
        if (items != null) {
            items.forEach(item -> copy.add((String) item));
        }
        return copy;
    }

    // ---- node and quorum ----

    public int nodeId() {
        return intValue("node.id");
    }

    public boolean isBroker() {
        return list("process.roles").contains("broker");
    }

    public boolean isController() {
        return list("process.roles").contains("controller");
    }

    /** controller.quorum.voters; empty where bootstrap servers are used instead. */
    public List<QuorumVoter> quorumVoters() {
        return list("controller.quorum.voters").stream().map(QuorumVoter::parse).toList();
    }

    public List<HostPort> quorumBootstrapServers() {
        return list("controller.quorum.bootstrap.servers").stream()
                .map(HostPort::parse)
                .toList();
    }

    /** True if this node is the only voter that the configuration names: such a node may format itself. */
    public boolean isSingleVoter() {
        if (!isController()) {
            return false;
        }
        var voters = quorumVoters();
        return voters.isEmpty() ? quorumBootstrapServers().size() <= 1 : voters.size() == 1;
    }

    /** Lower-case cluster facts of this node's place: broker.rack. */
    public Optional<String> rack() {
        return text("broker.rack");
    }

    // ---- listeners ----

    /** All listeners to open on this node, controller listeners included. */
    public List<Listener> listeners() {
        return listeners.all();
    }

    /** The listeners for clients and other brokers. */
    public List<Listener> brokerListeners() {
        return listeners.ofBroker();
    }

    public List<Listener> controllerListeners() {
        return listeners.ofController();
    }

    public List<String> controllerListenerNames() {
        return list("controller.listener.names");
    }

    /** What clients are told; by default the listeners themselves. A port of 0 means the port that was bound. */
    public List<Listener> advertisedListeners() {
        return listeners.advertised();
    }

    public String interBrokerListenerName() {
        return listeners.interBroker();
    }

    public SecurityProtocol securityProtocol(String listenerName) {
        return listeners.protocol(listenerName);
    }

    /** Endpoints for /metrics, /healthz and /readyz; empty: none. */
    public List<HostPort> adminListeners() {
        return list("admin.listeners").stream().map(HostPort::parse).toList();
    }

    // ---- directories ----

    /** log.dirs, or log.dir, absolute. */
    public List<Path> logDirs() {
        return logDirsAsWritten().stream().map(BrokerConfig::absolute).toList();
    }

    List<String> logDirsAsWritten() {
        var dirs = list("log.dirs");
        return dirs.isEmpty() ? list("log.dir") : dirs;
    }

    /** Those of {@link #logDirs} that take no new replicas (KIP-1066): cordoned.log.dirs, where {@code *} stands for all. */
    public Set<Path> cordonedLogDirs() {
        var cordoned = list("cordoned.log.dirs");
        var dirs = new HashSet<>(logDirs());
        if (!cordoned.contains("*")) {
            dirs.retainAll(cordoned.stream().map(BrokerConfig::absolute).toList());
        }
        return Set.copyOf(dirs);
    }

    private static Path absolute(String dir) {
        return Path.of(dir).toAbsolutePath().normalize();
    }

    /** Where the Raft log lives: metadata.log.dir, or the first of the log dirs. */
    public Path metadataLogDir() {
        return text("metadata.log.dir").map(BrokerConfig::absolute).orElseGet(() -> logDirs()
                .get(0));
    }

    // ---- limits that several parts of the broker share ----

    public int socketRequestMaxBytes() {
        return intValue("socket.request.max.bytes");
    }

    public int messageMaxBytes() {
        return intValue("message.max.bytes");
    }

    public int numPartitions() {
        return intValue("num.partitions");
    }

    public int defaultReplicationFactor() {
        return intValue("default.replication.factor");
    }

    public boolean autoCreateTopics() {
        return booleanValue("auto.create.topics.enable");
    }

    public long retentionCheckIntervalMs() {
        return longValue("log.retention.check.interval.ms");
    }

    public int fetchMaxBytes() {
        return intValue("fetch.max.bytes");
    }

    public long connectionsMaxIdleMs() {
        return longValue("connections.max.idle.ms");
    }
}
