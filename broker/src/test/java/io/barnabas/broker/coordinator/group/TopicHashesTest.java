package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;

import io.barnabas.protocol.Uuid;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage;
import org.apache.kafka.coordinator.group.Utils;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Hashes of topics agree with Kafka 4.3.1's. */
class TopicHashesTest {
    private final Random random = new Random(1);

    @Test
    void equalToKafkas() {
        for (int topics = 0; topics < 300; topics++) {
            var kafkas = new HashMap<String, Long>();
            var ours = new HashMap<String, TopicFacts>();
            for (int i = 0; i < topics; i++) {
                var topic = topic();
                ours.put(topic.name(), topic);
                kafkas.put(topic.name(), Utils.computeTopicHash(topic.name(), new OneTopic(topic)));
            }
            var view = new FakeTopics(ours, 1, 1, topics);
            assertEquals(Utils.computeGroupHash(kafkas), new TopicHashes().of(ours.keySet(), view), topics + " topics");
        }
    }

    private TopicFacts topic() {
        String name = "t\u00e9".repeat(1 + random.nextInt(30)) + random.nextInt();
        List<List<String>> racks = new ArrayList<>();
        int partitions = 1 + random.nextInt(40);
        for (int partition = 0; partition < partitions; partition++) {
            var some = new ArrayList<String>();
            for (int i = random.nextInt(4); i > 0; i--) {
                some.add("rack-" + random.nextInt(5));
            }
            racks.add(some);
        }
        return new TopicFacts(new Uuid(random.nextLong(), random.nextLong()), name, partitions, racks::get);
    }

    private record OneTopic(TopicFacts topic)
            implements CoordinatorMetadataImage, CoordinatorMetadataImage.TopicMetadata {
        @Override
        public java.util.Set<org.apache.kafka.common.Uuid> topicIds() {
            return java.util.Set.of(id());
        }

        @Override
        public java.util.Set<String> topicNames() {
            return java.util.Set.of(name());
        }

        @Override
        public java.util.Optional<TopicMetadata> topicMetadata(String name) {
            return java.util.Optional.of(this);
        }

        @Override
        public java.util.Optional<TopicMetadata> topicMetadata(org.apache.kafka.common.Uuid id) {
            return java.util.Optional.of(this);
        }

        @Override
        public org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataDelta emptyDelta() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long version() {
            return 1;
        }

        @Override
        public boolean isEmpty() {
            return false;
        }

        @Override
        public String name() {
            return topic.name();
        }

        @Override
        public org.apache.kafka.common.Uuid id() {
            return new org.apache.kafka.common.Uuid(
                    topic.id().mostSignificantBits(), topic.id().leastSignificantBits());
        }

        @Override
        public int partitionCount() {
            return topic.partitionCount();
        }

        @Override
        public List<String> partitionRacks(int partition) {
            return new ArrayList<>(topic.racks().apply(partition));
        }
    }
}
