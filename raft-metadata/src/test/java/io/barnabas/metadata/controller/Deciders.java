package io.barnabas.metadata.controller;

import java.util.List;
import java.util.Map;
import java.util.Random;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.LevelRange;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.metadata.BrokerRegistrationChangeRecord;
import io.barnabas.protocol.metadata.ConfigRecord;
import io.barnabas.protocol.metadata.FeatureLevelRecord;
import io.barnabas.protocol.metadata.PartitionRecord;
import io.barnabas.protocol.metadata.RegisterBrokerRecord;
import io.barnabas.protocol.metadata.TopicRecord;

/** All deciders, and images to let them decide on. */
final class Deciders {
    static final String CLUSTER = "the-cluster";
    static final int NODE = 1;
    static final long SESSION_MS = 9_000;
    static final Map<String, LevelRange> SUPPORTED = Map.of(
            "metadata.version", new LevelRange((short) 7, (short) 30),
            "group.version", new LevelRange((short) 0, (short) 1),
            "eligible.leader.replicas.version", new LevelRange((short) 0, (short) 1));

    private long nextId = 1_000;
    final FakeRules rules = new FakeRules();
    final EffectiveConfigs effective = new EffectiveConfigs(rules, NODE);
    final Sessions sessions = new Sessions(NODE, SESSION_MS);
    final PartitionMoves moves = new PartitionMoves(effective);
    final ConfigsDecider configs = new ConfigsDecider(rules, List.of(NODE));
    final TopicsDecider topics;
    final PartitionsDecider partitions;
    final ReplicasDecider replicas = new ReplicasDecider(effective);
    final ReassignmentsDecider reassignments = new ReassignmentsDecider(effective);
    final DirectoriesDecider directories = new DirectoriesDecider(effective);
    final BrokersDecider brokers = new BrokersDecider(moves, sessions);
    final RegistrationDecider registrations = new RegistrationDecider(CLUSTER, moves, sessions);
    final FeaturesDecider features = new FeaturesDecider(NODE, SUPPORTED, rules);

    Deciders() {
        this(bound -> 0);
    }

    Deciders(long seed) {
        this(new Random(seed)::nextInt);
    }

    private Deciders(Dice dice) {
        topics = new TopicsDecider(
                new TopicDefaults(2, (short) 1), effective, configs, dice, () -> new Uuid(7, nextId++));
        partitions = new PartitionsDecider(effective, dice);
    }

    static Uuid directory(int broker) {
        return new Uuid(broker, 500);
    }

    static RegisterBrokerRecord registration(int broker, boolean fenced) {
        var record = new RegisterBrokerRecord()
                .brokerId(broker)
                .brokerEpoch(broker + 10)
                .incarnationId(new Uuid(broker, 1))
                .fenced(fenced)
                .rack(null)
                .logDirs(List.of(directory(broker)));
        record.endPoints()
                .add(new RegisterBrokerRecord.BrokerEndpoint()
                        .name("PLAINTEXT")
                        .host("localhost")
                        .port(9092 + broker));
        SUPPORTED.forEach((name, range) -> record.features()
                .add(new RegisterBrokerRecord.BrokerFeature()
                        .name(name)
                        .minSupportedVersion(range.lowest())
                        .maxSupportedVersion(range.highest())));
        return record;
    }

    /** A cluster at index 100 of brokers that are alive, without eligible leader replicas. */
    static MetadataImage cluster(int... brokers) {
        var image = MetadataImage.EMPTY.at(100).apply(level("metadata.version", 30));
        for (int broker : brokers) {
            image = image.apply(registration(broker, false));
        }
        return image;
    }

    static FeatureLevelRecord level(String feature, int level) {
        return new FeatureLevelRecord().name(feature).featureLevel((short) level);
    }

    static MetadataImage withElr(MetadataImage image) {
        return image.apply(level("eligible.leader.replicas.version", 1));
    }

    static MetadataImage fence(MetadataImage image, int broker) {
        return image.apply(new BrokerRegistrationChangeRecord()
                .brokerId(broker)
                .brokerEpoch(image.cluster().broker(broker).epoch())
                .fenced((byte) 1));
    }

    static MetadataImage shuttingDown(MetadataImage image, int broker) {
        return image.apply(new BrokerRegistrationChangeRecord()
                .brokerId(broker)
                .brokerEpoch(image.cluster().broker(broker).epoch())
                .inControlledShutdown((byte) 1));
    }

    /** A topic whose partitions all are on these replicas, in sync. */
    static MetadataImage topic(MetadataImage image, String name, int partitions, Integer... replicas) {
        var id = idOf(name);
        var next = image.apply(new TopicRecord().name(name).topicId(id));
        for (int partition = 0; partition < partitions; partition++) {
            next = next.apply(new PartitionRecord()
                    .topicId(id)
                    .partitionId(partition)
                    .replicas(List.of(replicas))
                    .isr(List.of(replicas))
                    .leader(replicas[0])
                    .leaderEpoch(5)
                    .partitionEpoch(8)
                    .directories(
                            List.of(replicas).stream().map(Deciders::directory).toList()));
        }
        return next;
    }

    static Uuid idOf(String topic) {
        return new Uuid(9, topic.hashCode());
    }

    static ConfigRecord config(ResourceType type, String resource, String key, String value) {
        return new ConfigRecord()
                .resourceType(type.id())
                .resourceName(resource)
                .name(key)
                .value(value);
    }
}
