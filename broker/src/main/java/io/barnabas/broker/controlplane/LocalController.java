package io.barnabas.broker.controlplane;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.broker.config.QuorumVoter;
import io.barnabas.broker.tool.DirectoryIdentity;
import io.barnabas.broker.tool.LogDirContents;
import io.barnabas.broker.tool.Release;
import io.barnabas.metadata.MetadataNode;
import io.barnabas.metadata.MetadataNodeConfig;
import io.barnabas.metadata.controller.Controller;
import io.barnabas.metadata.controller.ControllerConfig;
import io.barnabas.metadata.controller.TopicDefaults;
import io.barnabas.metadata.image.LevelRange;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.quorum.JRaftQuorum;
import io.barnabas.metadata.quorum.QuorumConfig;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AllocateProducerIdsRequest;
import io.barnabas.protocol.message.AllocateProducerIdsResponse;
import io.barnabas.protocol.message.AlterConfigsRequest;
import io.barnabas.protocol.message.AlterConfigsResponse;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequest;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponse;
import io.barnabas.protocol.message.AssignReplicasToDirsRequest;
import io.barnabas.protocol.message.AssignReplicasToDirsResponse;
import io.barnabas.protocol.message.BrokerHeartbeatRequest;
import io.barnabas.protocol.message.BrokerHeartbeatResponse;
import io.barnabas.protocol.message.BrokerRegistrationRequest;
import io.barnabas.protocol.message.BrokerRegistrationResponse;
import io.barnabas.protocol.message.CreatePartitionsRequest;
import io.barnabas.protocol.message.CreatePartitionsResponse;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsResponse;
import io.barnabas.protocol.message.DeleteTopicsRequest;
import io.barnabas.protocol.message.DeleteTopicsResponse;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponse;

/**
 * The controller inside this process, called directly, over a metadata quorum of this node alone. Fits a node that is the only voter of
 * its quorum; any other configuration is refused.
 */
public final class LocalController implements ControllerFactory {
    /**
     * Apache Kafka refuses a log directory with a folder that is not named like a partition, and passes over those of its metadata
     * topic, of which it uses partition 0 only.
     */
    private static final String QUORUM_DIRECTORY = "__cluster_metadata-1";

    private final Runnable onFatal;

    /** @param onFatal called once when the node can no longer follow the metadata: it should end the process */
    public LocalController(Runnable onFatal) {
        this.onFatal = onFatal;
    }

    @Override
    public Node prepare(BrokerConfig config) throws IOException {
        refuseWhatIsNotThere(config);
        var clusterId = DirectoryIdentity.ensure(config);
        refuseLostMetadata(config);
        return new LocalNode(config, clusterId, DirectoryIdentity.directoryIds(config), onFatal);
    }

    private static void refuseWhatIsNotThere(BrokerConfig config) {
        if (!config.isBroker() || !config.isController()) {
            throw new ConfigException("This version runs a node that is both broker and controller only; set"
                    + " process.roles=broker,controller.");
        }
        if (!config.isSingleVoter()) {
            throw new ConfigException("This version runs a quorum of one voter only; name just this node in"
                    + " controller.quorum.voters or controller.quorum.bootstrap.servers.");
        }
        for (QuorumVoter voter : config.quorumVoters()) {
            if (voter.id() != config.nodeId()) {
                throw new ConfigException("controller.quorum.voters names node " + voter.id()
                        + " as the only voter, but this node is node.id=" + config.nodeId() + ".");
            }
        }
    }

    /** Partitions without the metadata that names them would look like those of deleted topics. */
    private static void refuseLostMetadata(BrokerConfig config) throws IOException {
        var metadata = config.metadataLogDir().resolve(QUORUM_DIRECTORY);
        if (JRaftQuorum.isKeptIn(metadata)) {
            return;
        }
        for (var dir : config.logDirs()) {
            var partition = LogDirContents.somePartition(dir);
            if (partition.isPresent()) {
                throw new ConfigException("The cluster metadata in " + metadata + " is missing, but " + dir
                        + " holds partitions such as " + partition.get()
                        + ", which would be lost without it: restore that directory (or correct metadata.log.dir), or move the"
                        + " directories of the partitions away to start an empty cluster.");
            }
        }
    }

    private static final class LocalNode implements Node {
        private final BrokerConfig config;
        private final String clusterId;
        private final List<Uuid> logDirIds;
        private final Runnable onFatal;
        private MetadataNode node;

        LocalNode(BrokerConfig config, String clusterId, List<Uuid> logDirIds, Runnable onFatal) {
            this.config = config;
            this.clusterId = clusterId;
            this.logDirIds = logDirIds;
            this.onFatal = onFatal;
        }

        @Override
        public String clusterId() {
            return clusterId;
        }

        @Override
        public List<Uuid> logDirIds() {
            return logDirIds;
        }

        @Override
        public ControllerLink start() throws IOException {
            var supported = new TreeMap<String, LevelRange>();
            SupportedFeatures.ALL.forEach(
                    range -> supported.put(range.name(), new LevelRange(range.lowest(), range.highest())));
            var settings = new ControllerConfig(
                    config.nodeId(),
                    clusterId,
                    List.of(config.nodeId()),
                    new TopicDefaults(config.numPartitions(), (short) config.defaultReplicationFactor()),
                    levelsOfNewCluster(),
                    supported,
                    config.longValue("broker.session.timeout.ms"),
                    new TableConfigRules(config));
            node = MetadataNode.start(
                    new MetadataNodeConfig(settings, failure -> onFatal.run()), JRaftQuorum.alone(quorum()));
            return new Link(node.controller());
        }

        private QuorumConfig quorum() {
            return new QuorumConfig(
                    clusterId,
                    config.nodeId(),
                    Map.of(config.nodeId(), "localhost:0"),
                    config.metadataLogDir().resolve(QUORUM_DIRECTORY),
                    QuorumConfig.ELECTION_TIMEOUT_MS,
                    QuorumConfig.HEARTBEAT_MS,
                    config.longValue("metadata.log.max.record.bytes.between.snapshots"),
                    config.longValue("metadata.log.max.snapshot.interval.ms"));
        }

        private static Map<String, Short> levelsOfNewCluster() {
            var levels = new TreeMap<String, Short>();
            var release = Release.latest();
            levels.put("metadata.version", (short) release.level());
            for (var feature : Release.FEATURES) {
                int level = release.featureLevel(feature);
                if (level > 0 && !feature.equals("kraft.version")) {
                    levels.put(feature, (short) level);
                }
            }
            return levels;
        }

        @Override
        public void close() {
            if (node != null) {
                node.close();
            }
        }

        @Override
        public String toString() {
            return "The controller";
        }
    }

    /** @param settled completes once this broker has carried out what was committed so far; asked when a change was */
    private record Link(Controller controller, Supplier<CompletionStage<Void>> settled) implements ControllerLink {
        private static final CompletionStage<Void> NOW = CompletableFuture.completedFuture(null);

        Link(Controller controller) {
            this(controller, () -> NOW);
        }

        @Override
        public ControllerLink answeringAfter(Supplier<CompletionStage<Void>> done) {
            return new Link(controller, done);
        }

        private <T> CompletionStage<T> shown(CompletionStage<T> answer) {
            return answer.thenCompose(response -> settled.get().thenApply(done -> response));
        }

        @Override
        public MetadataImage image() {
            return controller.image();
        }

        @Override
        public void listen(BiConsumer<MetadataImage, MetadataImage> listener) {
            controller.onImage(listener::accept);
        }

        @Override
        public CompletionStage<BrokerRegistrationResponse> register(BrokerRegistrationRequest request) {
            return controller.registerBroker(request);
        }

        @Override
        public CompletionStage<BrokerHeartbeatResponse> heartbeat(BrokerHeartbeatRequest request) {
            return controller.heartbeat(request);
        }

        @Override
        public CompletionStage<AssignReplicasToDirsResponse> assignReplicasToDirs(AssignReplicasToDirsRequest request) {
            return controller.assignReplicasToDirs(request);
        }

        @Override
        public CompletionStage<AllocateProducerIdsResponse> allocateProducerIds(AllocateProducerIdsRequest request) {
            return controller.allocateProducerIds(request);
        }

        @Override
        public CompletionStage<CreateTopicsResponse> createTopics(CreateTopicsRequest request) {
            return shown(controller.createTopics(request));
        }

        @Override
        public CompletionStage<DeleteTopicsResponse> deleteTopics(DeleteTopicsRequest request) {
            return shown(controller.deleteTopics(request));
        }

        @Override
        public CompletionStage<CreatePartitionsResponse> createPartitions(CreatePartitionsRequest request) {
            return shown(controller.createPartitions(request));
        }

        @Override
        public CompletionStage<AlterPartitionReassignmentsResponse> alterPartitionReassignments(
                AlterPartitionReassignmentsRequest request) {
            return shown(controller.alterPartitionReassignments(request));
        }

        @Override
        public CompletionStage<IncrementalAlterConfigsResponse> incrementalAlterConfigs(
                IncrementalAlterConfigsRequest request) {
            return shown(controller.incrementalAlterConfigs(request));
        }

        @Override
        public CompletionStage<AlterConfigsResponse> alterConfigs(AlterConfigsRequest request) {
            return shown(controller.alterConfigs(request));
        }
    }
}
