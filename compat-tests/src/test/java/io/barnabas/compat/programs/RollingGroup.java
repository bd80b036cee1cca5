package io.barnabas.compat.programs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.LongDeserializer;

import static org.junit.jupiter.api.Assertions.assertNull;

/** A group whose members are restarted one after another. Used by one thread. */
final class RollingGroup implements AutoCloseable {
    private static final int MEMBERS = 3;
    private static final long LONGEST_COMMIT_NANOS = 2_000_000;
    private static final int LONGEST_PAUSE_MS = 300;
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final String name;
    private final Map<String, Object> settings;
    private final String topic;
    private final SplittableRandom random;
    private final CommittedRanges ranges = new CommittedRanges();
    private final List<CommittingMember> members = new ArrayList<>();
    private final Map<CommittingMember.Stop, Integer> stops = new EnumMap<>(CommittingMember.Stop.class);
    private int lives;

    /** @param settings of its members, with the broker's address */
    RollingGroup(String name, Map<String, Object> settings, String topic, SplittableRandom random) {
        this.name = name;
        this.settings = settings;
        this.topic = topic;
        this.random = random;
    }

    /** Starts the members, and restarts one so many times: at any moment of what the last restart led to, or when that is over. */
    void roll(int restarts) throws Exception {
        for (int i = 0; i < MEMBERS; i++) {
            members.add(member());
        }
        awaitAllOwn();
        var ways = CommittingMember.Stop.values();
        for (int restart = 0; restart < restarts; restart++) {
            if (random.nextBoolean()) {
                awaitAllOwn();
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_PAUSE_MS));
            int index = random.nextInt(MEMBERS);
            var how = ways[random.nextInt(ways.length)];
            members.get(index).stop(how, random.nextLong(LONGEST_COMMIT_NANOS));
            assertNull(members.get(index).failure());
            stops.merge(how, 1, Integer::sum);
            members.set(index, member());
        }
        awaitAllOwn();
    }

    private CommittingMember member() {
        String memberName = name + "-" + lives++;
        var all = new HashMap<>(settings);
        all.put("group.id", name);
        all.put("client.id", memberName);
        all.put("auto.offset.reset", "earliest");
        all.put("enable.auto.commit", false);
        all.put("max.poll.records", 100);
        all.put("fetch.max.wait.ms", 100);
        var consumer = new KafkaConsumer<>(all, new LongDeserializer(), new ByteArrayDeserializer());
        return new CommittingMember(memberName, consumer, topic, ranges);
    }

    private void awaitAllOwn() throws InterruptedException {
        Waiting.until("every member of " + name + " owns partitions", DEADLINE, () -> {
            assertNoFailure();
            return members.stream().allMatch(CommittingMember::owns);
        });
    }

    private void assertNoFailure() {
        for (var member : members) {
            assertNull(member.failure());
        }
    }

    /** All that was written is committed in the end, each record once. */
    void assertEachOnce(Admin admin, long[] written) throws Exception {
        Waiting.until(name + " commits everything", DEADLINE, () -> {
            assertNoFailure();
            var committed = admin.listConsumerGroupOffsets(name)
                    .partitionsToOffsetAndMetadata()
                    .get();
            return IntStream.range(0, written.length).allMatch(partition -> {
                var offset = committed.get(new TopicPartition(topic, partition));
                return offset != null && offset.offset() == written[partition];
            });
        });
        close();
        assertNoFailure();
        for (int partition = 0; partition < written.length; partition++) {
            ranges.assertEachOnce(new TopicPartition(topic, partition), written[partition]);
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (var member : members) {
            member.stop(CommittingMember.Stop.LEAVES, 0);
        }
    }

    @Override
    public String toString() {
        return name + ": " + stops + ", " + ranges;
    }
}
