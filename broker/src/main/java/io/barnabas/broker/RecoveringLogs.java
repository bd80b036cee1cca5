package io.barnabas.broker;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.controlplane.ControllerFactory;
import io.barnabas.broker.controlplane.ControllerLink;
import io.barnabas.broker.controlplane.NodeConfig;
import io.barnabas.broker.controlplane.TopicSettings;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.LogStoreConfig;
import io.barnabas.storage.producer.ProducerSettings;

/**
 * The logs of this broker while they are opened, on a thread of their own, beside the metadata quorum that comes up. A log of which its
 * own files do not tell enough waits for the metadata; neither waits for ever if the other fails.
 */
final class RecoveringLogs {
    private final BrokerConfig config;
    private final NodeConfig nodeConfig;
    private final CompletableFuture<ControllerLink> metadata = new CompletableFuture<>();
    private final CompletableFuture<LogStore> opening;

    private RecoveringLogs(BrokerConfig config, NodeConfig nodeConfig, String clusterId, Runnable whenAllOffline) {
        this.config = config;
        this.nodeConfig = nodeConfig;
        this.opening = CompletableFuture.supplyAsync(() -> open(clusterId, whenAllOffline));
    }

    /**
     * {@link #start} and then {@link #await} must follow.
     *
     * @param whenAllOffline called when the last log directory has failed, now or later
     */
    static RecoveringLogs begin(BrokerConfig config, NodeConfig nodeConfig, String clusterId, Runnable whenAllOffline) {
        return new RecoveringLogs(config, nodeConfig, clusterId, whenAllOffline);
    }

    /** Starts this node's part of the quorum. If that fails, the logs are let go of as soon as they are open. */
    ControllerLink start(ControllerFactory.Node node) throws IOException {
        try {
            var controller = node.start();
            metadata.complete(controller);
            return controller;
        } catch (IOException | RuntimeException | Error e) {
            metadata.completeExceptionally(e);
            opening.thenAccept(LogStore::abandon)
                    .exceptionally(alsoFailed -> null)
                    .join();
            throw e;
        }
    }

    /** Returns once all are open; throws what {@link LogStore#open} throws. */
    LogStore await() {
        try {
            return opening.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private LogStore open(String clusterId, Runnable whenAllOffline) {
        var settings = LogStoreConfig.builder(config.logDirs(), config.nodeId(), clusterId)
                .recoveryThreadsPerDir(config.intValue("num.recovery.threads.per.data.dir"))
                .topicConfig(topic -> TopicSettings.of(config, Map.of()).log())
                .producerSettings(new ProducerSettings(
                        config.intValue("producer.id.expiration.ms"),
                        config.booleanValue("transaction.partition.verification.enable")))
                .held(this::isHere)
                .compacted(this::isCompacted)
                .recordedTopicId(this::topicId)
                .recordedIn(this::isIn)
                .minFreeBytes(config.longValue("log.dir.min.free.bytes"))
                .indispensable(Set.of(config.metadataLogDir()))
                .whenAllOffline(whenAllOffline)
                .build();
        return LogStore.open(settings, new RealDisk(), System::currentTimeMillis);
    }

    private boolean isCompacted(String topic) {
        var image = image();
        var own = image.configs().of(ResourceType.TOPIC, topic);
        return TopicSettings.of(nodeConfig.at(image), own).log().compact();
    }

    private boolean isHere(TopicPartition partition) {
        var replicas = replicas(partition);
        return replicas != null && replicas.replicas().contains(config.nodeId());
    }

    private boolean isIn(TopicPartition partition, LogDirectory directory) {
        var replicas = replicas(partition);
        return replicas != null
                && directory.id().isPresent()
                && directory.id().get().equals(replicas.directoryOf(config.nodeId()));
    }

    private Uuid topicId(TopicPartition partition) {
        var topic = image().topics().byName(partition.topic());
        return topic == null ? Uuid.ZERO : topic.id();
    }

    /** Null if there is no such partition. */
    private PartitionImage replicas(TopicPartition partition) {
        var topic = image().topics().byName(partition.topic());
        return topic == null ? null : topic.partition(partition.partition());
    }

    /** Waits for the metadata. */
    private MetadataImage image() {
        return metadata.join().image();
    }
}
