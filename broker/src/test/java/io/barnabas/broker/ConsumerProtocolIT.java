package io.barnabas.broker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import io.barnabas.broker.testing.TestBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The stock consumer with {@code group.protocol=consumer} (KIP-848), and Admin. */
class ConsumerProtocolIT {
    private static final Duration POLL = Duration.ofMillis(20);
    private static final long DEADLINE_MS = 40_000;
    private static final Map<String, String> BRISK = Map.of(
            "group.consumer.min.heartbeat.interval.ms", "200",
            "group.consumer.heartbeat.interval.ms", "200",
            "group.consumer.min.session.timeout.ms", "2000",
            "group.consumer.session.timeout.ms", "10000",
            "group.consumer.assignment.interval.ms", "0");

    @TempDir
    Path logDir;

    private TestBroker broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        broker = TestBroker.start(logDir, BRISK);
        admin = Admin.create(broker.clientSettings());
    }

    @AfterEach
    void stop() {
        admin.close(Duration.ofSeconds(5));
        broker.close();
    }

    @Test
    void threeMembersShareCommitAndResumeAfterARestart() throws Exception {
        create("shared", 6);
        produce("shared", 6, 0, 300);
        var seen = new HashSet<String>();
        var members = new ArrayList<KafkaConsumer<String, String>>();
        try {
            for (int i = 0; i < 3; i++) {
                var member = consumer("three", Map.of());
                member.subscribe(List.of("shared"));
                members.add(member);
            }
            pollUntil(
                    members,
                    seen,
                    () -> members.stream()
                                    .allMatch(member -> member.assignment().size() == 2)
                            && members.stream()
                                            .mapToLong(ConsumerProtocolIT::positions)
                                            .sum()
                                    == 300);
            assertEquals(300, seen.size());
            members.forEach(KafkaConsumer::commitSync);
            var described =
                    admin.describeConsumerGroups(List.of("three")).all().get().get("three");
            assertEquals(GroupType.CONSUMER, described.type());
            assertEquals(GroupState.STABLE, described.groupState());
            assertEquals("uniform", described.partitionAssignor());
            assertEquals(3, described.members().size());
            assertCause(
                    GroupNotEmptyException.class,
                    () -> admin.deleteConsumerGroups(List.of("three")).all().get());

            var gone = members.remove(0);
            gone.close();
            pollUntil(members, seen, () -> members.stream()
                    .allMatch(member -> member.assignment().size() == 3));
        } finally {
            members.forEach(KafkaConsumer::close);
        }

        restart();
        assertEquals(
                GroupState.EMPTY,
                admin.describeConsumerGroups(List.of("three"))
                        .all()
                        .get()
                        .get("three")
                        .groupState());
        produce("shared", 6, 300, 60);
        var resumed = new HashSet<String>();
        try (var member = consumer("three", Map.of())) {
            member.subscribe(List.of("shared"));
            pollUntil(List.of(member), resumed, () -> resumed.size() >= 60);
        }
        assertEquals(60, resumed.size());
    }

    @Test
    void membersGoOnAfterTheBrokerRestarts() throws Exception {
        create("surviving", 4);
        int port = broker.port();
        try (var one = consumer("pair", Map.of());
                var other = consumer("pair", Map.of())) {
            one.subscribe(List.of("surviving"));
            other.subscribe(List.of("surviving"));
            var seen = new HashSet<String>();
            pollUntil(
                    List.of(one, other),
                    seen,
                    () -> one.assignment().size() == 2 && other.assignment().size() == 2);
            var before = Set.copyOf(one.assignment());
            admin.close();
            broker.close();
            var overrides = new HashMap<>(BRISK);
            overrides.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:0");
            broker = TestBroker.start(logDir, overrides);
            admin = Admin.create(broker.clientSettings());
            produce("surviving", 4, 0, 40);
            pollUntil(List.of(one, other), seen, () -> seen.size() == 40);
            assertEquals(before, one.assignment());
        }
    }

    @Test
    void aGroupRollsFromTheClassicProtocolToTheNewOneAndBack() throws Exception {
        create("rolling", 4);
        produce("rolling", 4, 0, 40);
        var seen = new HashSet<String>();
        Map<String, Object> old = Map.of(
                "group.protocol",
                "classic",
                "heartbeat.interval.ms",
                300,
                "partition.assignment.strategy",
                "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        var members = new ArrayList<KafkaConsumer<String, String>>();
        try {
            for (int i = 0; i < 2; i++) {
                members.add(subscribed("roll", old));
            }
            untilShared(members, seen);
            assertEquals(GroupType.CLASSIC, type());
            for (int turn = 0; turn < 4; turn++) {
                commit(members, seen);
                members.remove(0).close();
                members.add(subscribed("roll", turn < 2 ? Map.of() : old));
                untilShared(members, seen);
                assertEquals(turn == 3 ? GroupType.CLASSIC : GroupType.CONSUMER, type(), "turn " + turn);
            }
            commit(members, seen);
            assertEquals(40, seen.size());
            assertEquals(
                    40,
                    members.stream().mapToLong(ConsumerProtocolIT::positions).sum());
        } finally {
            members.forEach(KafkaConsumer::close);
        }
    }

    /** A member may just be told of the next rebalance: cooperative ones come in turns. */
    private static void commit(List<KafkaConsumer<String, String>> members, Set<String> seen) {
        for (var member : members) {
            pollUntil(members, seen, () -> {
                try {
                    member.commitSync();
                    return true;
                } catch (RebalanceInProgressException e) {
                    return false;
                }
            });
        }
    }

    private KafkaConsumer<String, String> subscribed(String group, Map<String, Object> settings) {
        var member = consumer(group, settings);
        member.subscribe(List.of("rolling"));
        return member;
    }

    private static void untilShared(List<KafkaConsumer<String, String>> members, Set<String> seen) {
        pollUntil(
                members,
                seen,
                () -> members.stream().allMatch(member -> member.assignment().size() == 2)
                        && members.stream()
                                        .mapToLong(ConsumerProtocolIT::positions)
                                        .sum()
                                == 40);
    }

    private GroupType type() throws Exception {
        return admin.describeConsumerGroups(List.of("roll"))
                .all()
                .get()
                .get("roll")
                .type();
    }

    @Test
    void aPatternFollowsTheTopics() throws Exception {
        create("pattern-a", 1);
        try (var member = consumer("patterns", Map.of())) {
            member.subscribe(new SubscriptionPattern("pattern-.*"));
            pollUntil(
                    List.of(member), new HashSet<>(), () -> member.assignment().size() == 1);
            create("pattern-b", 2);
            create("other", 1);
            // Topics are looked through at most every ten seconds.
            pollUntil(
                    List.of(member), new HashSet<>(), () -> member.assignment().size() == 3);
        }
        try (var member = consumer("patterns", Map.of())) {
            member.subscribe(new SubscriptionPattern("("));
            assertThrows(
                    InvalidRegularExpression.class, () -> pollUntil(List.of(member), new HashSet<>(), () -> false));
        }
    }

    @Test
    void aStaticMemberComesBackToItsPartitions() throws Exception {
        create("static", 4);
        Map<String, Object> settings = Map.of("group.instance.id", "i");
        try (var other = consumer("statics", Map.of("group.instance.id", "j"))) {
            other.subscribe(List.of("static"));
            Set<?> before;
            try (var member = consumer("statics", settings)) {
                member.subscribe(List.of("static"));
                pollUntil(
                        List.of(member, other),
                        new HashSet<>(),
                        () -> member.assignment().size() == 2
                                && other.assignment().size() == 2);
                before = Set.copyOf(member.assignment());
            }
            try (var member = consumer("statics", settings)) {
                member.subscribe(List.of("static"));
                pollUntil(
                        List.of(member, other),
                        new HashSet<>(),
                        () -> member.assignment().size() == 2);
                assertEquals(before, member.assignment());
                assertEquals(2, other.assignment().size());
            }
        }
    }

    @Test
    void groupsHaveConfigsOfTheirOwnAndFollowGrowingTopics() throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.GROUP, "own");
        admin.incrementalAlterConfigs(Map.of(
                        resource,
                        List.of(new AlterConfigOp(
                                new ConfigEntry("consumer.session.timeout.ms", "2000"), AlterConfigOp.OpType.SET))))
                .all()
                .get();
        create("growing", 1);
        try (var member = consumer("own", Map.of("group.remote.assignor", "range"))) {
            member.subscribe(List.of("growing"));
            pollUntil(
                    List.of(member), new HashSet<>(), () -> member.assignment().size() == 1);
            admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(3)))
                    .all()
                    .get();
            pollUntil(
                    List.of(member), new HashSet<>(), () -> member.assignment().size() == 3);
            assertEquals(
                    "range",
                    admin.describeConsumerGroups(List.of("own"))
                            .all()
                            .get()
                            .get("own")
                            .partitionAssignor());
        }
    }

    // ---- helpers ----

    private void restart() throws Exception {
        admin.close();
        broker.close();
        broker = TestBroker.start(logDir, BRISK);
        admin = Admin.create(broker.clientSettings());
    }

    private void create(String topic, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all()
                .get();
    }

    private void produce(String topic, int partitions, int first, int count) {
        var settings = broker.clientSettings();
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = first; i < first + count; i++) {
                producer.send(new ProducerRecord<>(topic, i % partitions, "k", "v" + i));
            }
        }
    }

    private KafkaConsumer<String, String> consumer(String group, Map<String, Object> more) {
        var settings = broker.clientSettings();
        settings.put("group.id", group);
        settings.put("group.protocol", "consumer");
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static void pollUntil(
            List<KafkaConsumer<String, String>> consumers, Set<String> seen, BooleanSupplier done) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
        while (!done.getAsBoolean()) {
            assertTrue(
                    System.nanoTime() < deadline,
                    () -> "Still waiting; seen " + seen.size() + ", assigned "
                            + consumers.stream().map(KafkaConsumer::assignment).toList());
            for (var consumer : consumers) {
                consumer.poll(POLL).forEach(record -> seen.add(record.value()));
            }
        }
    }

    private static long positions(KafkaConsumer<String, String> member) {
        return member.assignment().stream().mapToLong(member::position).sum();
    }

    private static void assertCause(Class<? extends Throwable> type, ThrowingCall call) {
        var failure = assertThrows(ExecutionException.class, call::run);
        assertInstanceOf(type, failure.getCause());
    }

    private interface ThrowingCall {
        void run() throws Exception;
    }
}
