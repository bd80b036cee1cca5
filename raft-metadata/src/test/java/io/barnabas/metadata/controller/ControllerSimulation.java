package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AllocateProducerIdsRequest;
import io.barnabas.protocol.message.AlterPartitionRequest;
import io.barnabas.protocol.message.BrokerHeartbeatRequest;
import io.barnabas.protocol.message.BrokerRegistrationRequest;
import io.barnabas.protocol.message.CreatePartitionsRequest;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.DeleteTopicsRequest;
import io.barnabas.protocol.message.ElectLeadersRequest;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest;
import io.barnabas.protocol.message.UnregisterBrokerRequest;
import io.barnabas.protocol.wire.ApiMessage;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Random brokers and clients against the deciders. After every decision the metadata must make sense, and what the log holds must give
 * the same metadata again. A failing seed is run again with {@code -Dseed=}.
 */
class ControllerSimulation {
    private static final int SEEDS = 40;
    private static final int STEPS = 400;
    private static final int BROKERS = 4;

    @Test
    void metadataStaysSound() {
        Long only = Long.getLong("seed");
        long first = only == null ? System.nanoTime() : only;
        for (int i = 0; i < (only == null ? SEEDS : 1); i++) {
            long seed = first + i;
            try {
                new Run(seed).steps();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "Run again with: ./mvnw test -pl raft-metadata -am -Dtest=ControllerSimulation"
                                + " -Dsurefire.failIfNoSpecifiedTests=false -Dseed=" + seed,
                        e);
            }
        }
    }

    private static final class Run {
        final Random random;
        final Deciders deciders;
        final List<byte[]> log = new ArrayList<>();
        final List<MetadataImage> images = new ArrayList<>();
        final Set<Uuid> topicIds = new HashSet<>();
        final Map<Integer, Long> epochs = new HashMap<>();
        final boolean[] leaving = new boolean[BROKERS + 1];
        MetadataImage image = MetadataImage.EMPTY;
        long nextProducerId;
        long nextIncarnation;
        long nowMs = 1;

        Run(long seed) {
            random = new Random(seed);
            deciders = new Deciders(seed);
            boolean elr = random.nextBoolean();
            commit(deciders.features.bootstrap(
                    image,
                    Map.of("metadata.version", (short) 30, "eligible.leader.replicas.version", (short) (elr ? 1 : 0))));
        }

        void steps() {
            for (int step = 0; step < STEPS; step++) {
                step();
            }
            replaySomePrefix();
        }

        private void step() {
            int broker = 1 + random.nextInt(BROKERS);
            switch (random.nextInt(16)) {
                case 0 -> register(broker);
                case 1, 2, 3, 4 -> heartbeat(broker);
                case 5 -> leaving[broker] = random.nextInt(3) == 0;
                case 6 -> clockGoesOn();
                case 7, 8 -> createTopics();
                case 9 -> deleteTopic();
                case 10 -> addPartitions();
                case 11, 12 -> alterPartition();
                case 13 -> electLeaders();
                case 14 -> alterConfigs();
                default -> rare(broker);
            }
        }

        private void rare(int broker) {
            if (random.nextInt(10) == 0) {
                commit(deciders.brokers
                        .unregister(image, new UnregisterBrokerRequest().brokerId(broker))
                        .records());
            } else if (random.nextInt(5) == 0) {
                deciders.sessions.begin(image, nowMs);
            } else {
                allocateProducerIds(broker);
            }
        }

        private void register(int broker) {
            boolean again = random.nextInt(4) == 0 && image.cluster().broker(broker) != null;
            var request = new BrokerRegistrationRequest()
                    .brokerId(broker)
                    .clusterId(Deciders.CLUSTER)
                    .incarnationId(
                            again
                                    ? image.cluster().broker(broker).incarnationId()
                                    : new Uuid(broker, ++nextIncarnation))
                    .rack(random.nextBoolean() ? null : "rack" + broker % 2)
                    .logDirs(List.of(Deciders.directory(broker)));
            if (random.nextBoolean() && image.cluster().broker(broker) != null) {
                request.previousBrokerEpoch(image.cluster().broker(broker).epoch());
            }
            request.listeners()
                    .add(new BrokerRegistrationRequest.Listener()
                            .name("L")
                            .host("h")
                            .port(broker));
            Deciders.SUPPORTED.forEach((name, range) -> request.features()
                    .add(new BrokerRegistrationRequest.Feature()
                            .name(name)
                            .minSupportedVersion(range.lowest())
                            .maxSupportedVersion(range.highest())));
            var decision = deciders.registrations.register(image, request, nowMs);
            if (decision.response().errorCode() == ErrorCode.NONE.code()) {
                long epoch = decision.response().brokerEpoch();
                long before = epochs.getOrDefault(broker, -1L);
                assertTrue(again ? epoch >= before : epoch > before, "epoch " + epoch + " after " + before);
                epochs.put(broker, epoch);
                leaving[broker] &= again;
            }
            commit(decision.records());
        }

        private void heartbeat(int broker) {
            var registered = image.cluster().broker(broker);
            var request = new BrokerHeartbeatRequest()
                    .brokerId(broker)
                    .brokerEpoch(registered == null ? -1 : registered.epoch())
                    .currentMetadataOffset(Math.max(0, image.index() - random.nextInt(3)))
                    .wantShutDown(leaving[broker])
                    .wantFence(random.nextInt(8) == 0);
            commit(deciders.brokers.heartbeat(image, request, nowMs).records());
        }

        private void clockGoesOn() {
            nowMs += random.nextInt((int) Deciders.SESSION_MS);
            var decision = deciders.brokers.fenceSilent(image, nowMs);
            while (!decision.records().isEmpty()) {
                commit(decision.records());
                decision = deciders.brokers.fenceSilent(image, nowMs);
            }
        }

        private String anyName() {
            return (random.nextBoolean() ? "t." : "t_") + random.nextInt(6);
        }

        private void createTopics() {
            var request = new CreateTopicsRequest();
            for (int i = random.nextInt(3); i >= 0; i--) {
                var topic = new CreateTopicsRequest.CreatableTopic()
                        .name(anyName())
                        .numPartitions(random.nextInt(6) - 1)
                        .replicationFactor((short) (random.nextInt(5) - 1));
                if (random.nextBoolean()) {
                    topic.configs()
                            .add(new CreateTopicsRequest.CreatableTopicConfig()
                                    .name("min.insync.replicas")
                                    .value("2"));
                }
                request.topics().add(topic);
            }
            var decision = deciders.topics.create(image, request);
            for (var result : decision.response().topics()) {
                if (result.errorCode() == ErrorCode.NONE.code()) {
                    assertTrue(topicIds.add(result.topicId()), "a topic id was given twice");
                }
            }
            commit(decision.records());
        }

        private void deleteTopic() {
            var request = new DeleteTopicsRequest();
            request.topicNames().add(anyName());
            commit(deciders.topics.delete(image, request).records());
        }

        private void addPartitions() {
            var request = new CreatePartitionsRequest();
            request.topics()
                    .add(new CreatePartitionsRequest.CreatePartitionsTopic()
                            .name(anyName())
                            .count(random.nextInt(9))
                            .assignments(null));
            commit(deciders.partitions.create(image, request).records());
        }

        /** Leaders shrink and grow their in-sync sets at random. */
        private void alterPartition() {
            var topic = image.topics().byName(anyName());
            if (topic == null) {
                return;
            }
            var partition = topic.partition(random.nextInt(topic.partitionCount()));
            var leader = image.cluster().broker(partition.leader());
            if (leader == null) {
                return;
            }
            var data = new AlterPartitionRequest.PartitionData()
                    .partitionIndex(partition.partition())
                    .leaderEpoch(partition.leaderEpoch())
                    .partitionEpoch(partition.partitionEpoch());
            for (int replica : partition.replicas()) {
                if (replica == partition.leader() || random.nextBoolean()) {
                    data.newIsrWithEpochs().add(new AlterPartitionRequest.BrokerState().brokerId(replica));
                }
            }
            var request = new AlterPartitionRequest().brokerId(leader.id()).brokerEpoch(leader.epoch());
            var topicData = new AlterPartitionRequest.TopicData().topicId(topic.id());
            topicData.partitions().add(data);
            request.topics().add(topicData);
            commit(deciders.replicas.alter(image, request).records());
        }

        private void electLeaders() {
            commit(deciders.partitions
                    .elect(
                            image,
                            new ElectLeadersRequest()
                                    .electionType((byte) random.nextInt(2))
                                    .topicPartitions(null))
                    .records());
        }

        private void alterConfigs() {
            var request = new IncrementalAlterConfigsRequest();
            var resource = new IncrementalAlterConfigsRequest.AlterConfigsResource()
                    .resourceType((byte) 2)
                    .resourceName(anyName());
            resource.configs()
                    .add(new IncrementalAlterConfigsRequest.AlterableConfig()
                            .name(random.nextBoolean() ? "min.insync.replicas" : "unclean.leader.election.enable")
                            .configOperation((byte) 1));
            if (random.nextBoolean()) {
                var config = resource.configs().get(0);
                config.configOperation((byte) 0).value(config.name().startsWith("min") ? "2" : "true");
            }
            request.resources().add(resource);
            commit(deciders.configs.alter(image, request).records());
        }

        private void allocateProducerIds(int broker) {
            var registered = image.cluster().broker(broker);
            if (registered == null) {
                return;
            }
            var decision = deciders.brokers.allocateProducerIds(
                    image, new AllocateProducerIdsRequest().brokerId(broker).brokerEpoch(registered.epoch()));
            assertEquals(nextProducerId, decision.response().producerIdStart());
            nextProducerId += decision.response().producerIdLen();
            commit(decision.records());
        }

        private void commit(List<? extends ApiMessage> records) {
            if (records.isEmpty()) {
                return;
            }
            long index = image.index() + 1 + random.nextInt(2);
            var before = image;
            image = image.applyAll(records).at(index);
            var batch = RecordBatchCodec.encode(records);
            log.add(batch);
            images.add(image);
            assertEquals(
                    image, before.applyAll(RecordBatchCodec.decode(batch)).at(index), "the log gives another image");
            check(before);
        }

        private void check(MetadataImage before) {
            for (var topic : image.topics().all()) {
                var old = before.topics().byId(topic.id());
                for (var partition : topic.partitions()) {
                    var was = old == null ? null : old.partition(partition.partition());
                    if (was != partition) {
                        check(partition, was);
                    }
                    if (partition.leader() >= 0) {
                        assertTrue(image.cluster().isActive(partition.leader()), () -> "dead leader: " + partition);
                    }
                }
            }
        }

        private void check(PartitionImage partition, PartitionImage was) {
            String what = partition + " after " + was;
            var replicas = new HashSet<>(partition.replicas());
            assertEquals(partition.replicas().size(), replicas.size(), what);
            assertTrue(replicas.containsAll(partition.isr()), what);
            assertTrue(replicas.containsAll(partition.elr()), what);
            assertEquals(partition.isr().size(), new HashSet<>(partition.isr()).size(), what);
            var both = new HashSet<>(partition.isr());
            both.retainAll(partition.elr());
            assertTrue(both.isEmpty(), what);
            assertTrue(partition.leader() == -1 || partition.isr().contains(partition.leader()), what);
            assertTrue(
                    image.features().tracksEligibleLeaders() || !partition.isr().isEmpty(), what);
            if (was != null) {
                assertTrue(partition.partitionEpoch() > was.partitionEpoch(), what);
                assertTrue(
                        partition.leader() == was.leader()
                                ? partition.leaderEpoch() >= was.leaderEpoch()
                                : partition.leaderEpoch() > was.leaderEpoch(),
                        what);
            }
        }

        private void replaySomePrefix() {
            int length = 1 + random.nextInt(log.size());
            var replayed = MetadataImage.EMPTY;
            for (var batch : log.subList(0, length)) {
                replayed = replayed.applyAll(RecordBatchCodec.decode(batch));
            }
            var live = images.get(length - 1);
            assertEquals(live, replayed.at(live.index()));
            assertEquals(live.at(0), MetadataImage.EMPTY.applyAll(live.toRecords()));
        }
    }
}
