package io.barnabas.metadata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import io.barnabas.metadata.controller.ConfigRules;
import io.barnabas.metadata.controller.ControllerConfig;
import io.barnabas.metadata.controller.Refusal;
import io.barnabas.metadata.controller.TopicDefaults;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.LevelRange;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.quorum.JRaftQuorum;
import io.barnabas.metadata.quorum.Quorum;
import io.barnabas.metadata.quorum.QuorumConfig;
import io.barnabas.metadata.quorum.QuorumListener;
import io.barnabas.metadata.quorum.QuorumState;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.BrokerHeartbeatRequest;
import io.barnabas.protocol.message.BrokerRegistrationRequest;
import io.barnabas.protocol.message.CreateTopicsRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(60)
class MetadataNodeTest {
    /** What one voter has on its disk. */
    private static final class Disk {
        final List<byte[]> log = new ArrayList<>();
        byte[] snapshot;
        int inSnapshot;
        long term;
    }

    /** A quorum of one that commits at once. */
    private record LoneVoter(Disk disk, CompletableFuture<QuorumListener> started) implements Quorum {
        LoneVoter(Disk disk) {
            this(disk, new CompletableFuture<>());
        }

        @Override
        public void start(QuorumListener listener) {
            if (disk.snapshot != null) {
                listener.loadSnapshot(disk.snapshot);
            }
            for (int at = disk.inSnapshot; at < disk.log.size(); at++) {
                listener.onCommitted(at + 1, disk.term, disk.log.get(at));
            }
            started.complete(listener);
            listener.onLeaderStart(++disk.term);
        }

        @Override
        public synchronized CompletionStage<Long> propose(byte[] recordBatch, long term) {
            disk.log.add(recordBatch);
            started.join().onCommitted(disk.log.size(), term, recordBatch);
            return CompletableFuture.completedFuture((long) disk.log.size());
        }

        @Override
        public QuorumState describe() {
            var size = (long) disk.log.size();
            return new QuorumState(1, disk.term, List.of(1), List.of(), size, Map.of(1, size));
        }

        void snapshot() {
            disk.snapshot = started.join().saveSnapshot();
            disk.inSnapshot = disk.log.size();
        }

        @Override
        public void close() {}
    }

    private static final class NoRules implements ConfigRules {
        @Override
        public Optional<Refusal> refusal(
                ResourceType type, String name, Map<String, String> existing, Map<String, String> proposed) {
            return Optional.empty();
        }

        @Override
        public boolean isList(ResourceType type, String key) {
            return false;
        }

        @Override
        public String defaultText(ResourceType type, String key) {
            return null;
        }

        @Override
        public String topicDefault(String key) {
            return key.equals("min.insync.replicas") ? "1" : "false";
        }

        @Override
        public List<EffectiveConfig> describeTopic(
                Map<String, String> own, Map<String, String> ofNode, Map<String, String> ofCluster) {
            return List.of();
        }
    }

    private static MetadataNode node(Quorum quorum) throws Exception {
        var controller = new ControllerConfig(
                1,
                "cluster",
                List.of(1),
                new TopicDefaults(1, (short) 1),
                Map.of("metadata.version", (short) 30, "eligible.leader.replicas.version", (short) 1),
                Map.of("metadata.version", new LevelRange((short) 7, (short) 30)),
                9_000,
                new NoRules());
        return MetadataNode.start(new MetadataNodeConfig(controller, failure -> {}), quorum);
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static void join(MetadataNode node) throws Exception {
        var request = new BrokerRegistrationRequest()
                .brokerId(1)
                .clusterId("cluster")
                .incarnationId(Uuid.random())
                .rack(null)
                .logDirs(List.of(new Uuid(5, 5)));
        request.listeners()
                .add(new BrokerRegistrationRequest.Listener()
                        .name("PLAINTEXT")
                        .host("h")
                        .port(1));
        for (var feature : List.of("metadata.version", "eligible.leader.replicas.version")) {
            request.features()
                    .add(new BrokerRegistrationRequest.Feature().name(feature).maxSupportedVersion((short) 30));
        }
        var registered = get(node.controller().registerBroker(request));
        assertEquals(ErrorCode.NONE.code(), registered.errorCode());
        var beat = new BrokerHeartbeatRequest()
                .brokerId(1)
                .brokerEpoch(registered.brokerEpoch())
                .currentMetadataOffset(node.controller().image().index());
        assertFalse(get(node.controller().heartbeat(beat)).isFenced());
    }

    private static ErrorCode create(MetadataNode node, String topic) throws Exception {
        var request = new CreateTopicsRequest();
        request.topics()
                .add(new CreateTopicsRequest.CreatableTopic()
                        .name(topic)
                        .numPartitions(3)
                        .replicationFactor((short) -1));
        return ErrorCode.of(
                get(node.controller().createTopics(request)).topics().get(0).errorCode());
    }

    @Test
    void metadataOutlivesTheNode() throws Exception {
        var disk = new Disk();
        MetadataImage last = MetadataImage.EMPTY;
        for (int life = 0; life < 4; life++) {
            var quorum = new LoneVoter(disk);
            try (var node = node(quorum)) {
                // In its first life the controller may have set up the cluster already.
                assertTrue(life == 0 || last.equals(node.controller().image()));
                join(node);
                assertEquals(1, node.leaderId());
                assertEquals(ErrorCode.NONE, create(node, "before-" + life));
                if (life > 0) {
                    quorum.snapshot();
                }
                assertEquals(ErrorCode.NONE, create(node, "after-" + life));
                assertEquals(ErrorCode.TOPIC_ALREADY_EXISTS, create(node, "before-0"));
                last = node.controller().image();
                assertNotNull(last.topics().byName("before-0"));
                assertEquals(
                        1, last.topics().byName("after-" + life).partition(2).leader());
                assertEquals(1, last.topics().byName("before-0").partition(2).leader());
            }
        }
        assertEquals(8, last.topics().size());
    }

    @Test
    void metadataOutlivesTheNodeOnARealQuorum(@TempDir Path directory) throws Exception {
        MetadataImage last = MetadataImage.EMPTY;
        for (int life = 0; life < 3; life++) {
            try (var node = node(JRaftQuorum.alone(QuorumConfig.of("cluster", 1, Map.of(1, "h:1"), directory)))) {
                // In its first life the controller may have set up the cluster already.
                assertTrue(life == 0 || last.equals(node.controller().image()));
                join(node);
                assertEquals(1, node.leaderId());
                assertEquals(ErrorCode.NONE, create(node, "topic-" + life));
                assertEquals(ErrorCode.TOPIC_ALREADY_EXISTS, create(node, "topic-0"));
                last = node.controller().image();
            }
        }
        assertEquals(3, last.topics().size());
    }

    @Test
    void aRealQuorumBeginsFromItsSnapshot(@TempDir Path directory) throws Exception {
        var config = new QuorumConfig("cluster", 1, Map.of(1, "h:1"), directory, 1_000, 100, 2_000, 0);
        MetadataImage last;
        try (var node = node(JRaftQuorum.alone(config))) {
            join(node);
            for (int topic = 0; topic < 40; topic++) {
                assertEquals(ErrorCode.NONE, create(node, "topic-" + topic));
            }
            var snapshots = directory.resolve("snapshot");
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (isEmpty(snapshots)) {
                assertTrue(System.nanoTime() < deadline, "no snapshot was taken");
                Thread.sleep(10);
            }
            assertEquals(ErrorCode.NONE, create(node, "after"));
            last = node.controller().image();
        }
        try (var node = node(JRaftQuorum.alone(config))) {
            assertEquals(last, node.controller().image());
            assertEquals(41, node.controller().image().topics().size());
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.noneMatch(file -> file.getFileName().toString().startsWith("snapshot_"));
        }
    }
}
