package io.barnabas.compat.programs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.compat.programs.Program.CONSOLE_CONSUMER;
import static io.barnabas.compat.programs.Program.CONSOLE_PRODUCER;
import static io.barnabas.compat.programs.Program.CONSUMER_GROUPS;
import static io.barnabas.compat.programs.Program.GROUPS;
import static io.barnabas.compat.programs.Program.TOPICS;
import static java.util.concurrent.TimeUnit.SECONDS;

/** kafka-consumer-groups and kafka-groups with all their options say the same of classic and of consumer groups. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GroupProgramsIT {
    private static final List<String> PROTOCOLS = List.of("classic", "consumer");

    @TempDir
    static Path folder;

    private static SideBySide brokers;

    @BeforeAll
    static void start() {
        brokers = SideBySide.started(
                folder, Map.of("offsets.topic.num.partitions", "3", "group.consumer.assignment.interval.ms", "0"));
    }

    @AfterAll
    static void stop() {
        brokers.close();
    }

    @Test
    void list() throws Exception {
        brokers.same("groups-list", session -> {
            alone(session);
            records(session, "list");
            commit(session, "simple", "list", 1, 2);
            consume(session, "empty", "list");
            try (var classic = new ActiveMember(session, "classic", "list");
                    var consumer = new ActiveMember(session, "consumer", "list", "consumer")) {
                classic.awaitAssignment();
                consumer.awaitAssignment();
                for (String options : List.of(
                        "",
                        " --state",
                        " --state stable",
                        " --state Stable,Empty",
                        " --state Dead,PreparingRebalance,CompletingRebalance,Assigning,Reconciling",
                        " --state nonsense",
                        " --type",
                        " --type classic",
                        " --type Consumer,CLASSIC",
                        " --type share",
                        " --type streams",
                        " --type nonsense",
                        " --state empty --type classic",
                        " --state --type",
                        " --state stable --type consumer",
                        " --timeout 20000",
                        " --group classic",
                        " --topic list")) {
                    groups(session, "--list" + options);
                }
                for (String options : List.of(
                        "",
                        " --group-type classic",
                        " --group-type consumer",
                        " --group-type share",
                        " --group-type streams",
                        " --group-type nonsense",
                        " --protocol consumer",
                        " --protocol connect",
                        " --consumer",
                        " --share",
                        " --streams",
                        " --consumer --share",
                        " --consumer --group-type classic",
                        " --group-type classic --protocol consumer",
                        " --group-type consumer --protocol connect")) {
                    session.runUnordered(GROUPS, ("--list" + options).split(" "));
                }
                session.run(GROUPS);
            }
        });
    }

    @Test
    void describe() throws Exception {
        brokers.same("groups-describe", session -> {
            alone(session);
            records(session, "desc");
            session.run(TOPICS, "--create", "--topic", "desc-more");
            session.untilTopic("desc-more", 1);
            commit(session, "simple", "desc", 1, 2);
            consume(session, "empty", "desc");
            commit(session, "empty", "desc-more", 0);
            groups(session, "--describe --group none");
            groups(session, "--describe --group none --state");
            groups(session, "--describe --group none --members");
            for (String protocol : PROTOCOLS) {
                Map<String, String> configs = Map.of("group.protocol", protocol, "group.instance.id", "an-instance");
                try (var member = new ActiveMember(session, protocol, "desc", configs)) {
                    member.awaitAssignment();
                    for (String group : List.of(protocol, "simple", "empty")) {
                        for (String what : List.of("", " --offsets", " --members", " --state")) {
                            groups(session, "--describe --group " + group + what);
                            groups(session, "--describe --group " + group + what + " --verbose");
                        }
                    }
                    groups(session, "--describe --group " + protocol + " --group simple --group none");
                    for (String what : List.of("", " --offsets --verbose", " --members", " --state --timeout 9000")) {
                        groups(session, "--describe --all-groups" + what);
                    }
                }
                groups(session, "--describe --group " + protocol + " --members --verbose");
            }
            groups(session, "--describe");
            groups(session, "--describe --group simple --members --offsets");
            groups(session, "--describe --group simple --state stable");
            groups(session, "--describe --group simple --all-groups");
            groups(session, "--describe --group simple --topic desc");
        });
    }

    @Test
    void resetOffsets() throws Exception {
        Path clientId = Files.writeString(folder.resolve("client.properties"), "client.id=somebody\n");
        Path file = folder.resolve("offsets.csv");
        brokers.same("groups-reset", session -> {
            alone(session);
            records(session, "res");
            records(session, "res-more");
            for (String protocol : PROTOCOLS) {
                try (var member = new ActiveMember(session, protocol, "res", protocol)) {
                    member.awaitAssignment();
                    reset(session, protocol, "--topic res --to-earliest --execute");
                    reset(session, protocol, "--topic res --to-earliest --dry-run");
                }
                commit(session, protocol, "res-more", 3, 3);
                for (String how : List.of(
                        "--to-earliest",
                        "--to-latest",
                        "--to-offset 4",
                        "--to-offset 400",
                        "--to-offset -4",
                        "--shift-by 2",
                        "--shift-by -1",
                        "--shift-by -100",
                        "--shift-by 100",
                        "--to-current",
                        "--to-datetime 2020-01-01T00:00:00.000",
                        "--to-datetime 2100-01-01T00:00:00.000Z",
                        "--to-datetime yesterday",
                        "--by-duration PT1H",
                        "--by-duration PT0S",
                        "--by-duration soon")) {
                    reset(session, protocol, "--topic res --dry-run " + how);
                    reset(session, protocol, "--topic res --execute " + how);
                }
                reset(session, protocol, "--topic res:1 --to-earliest --execute");
                reset(session, protocol, "--topic res:0,1 --to-offset 3 --execute --export");
                reset(session, protocol, "--topic res:7 --to-earliest --execute");
                reset(session, protocol, "--topic res --topic res-more:0 --to-latest --execute");
                reset(session, protocol, "--all-topics --to-offset 2 --execute");
                reset(session, protocol, "--all-topics --to-current --export --dry-run");
                reset(session, protocol, "--topic none --to-earliest --execute");
                reset(session, protocol, "--topic res --to-earliest");
                reset(session, protocol, "--topic res");
                reset(session, protocol, "--to-earliest --dry-run");
                reset(session, protocol, "--topic res --to-earliest --to-latest --dry-run");
                reset(session, protocol, "--topic res --to-earliest --dry-run --execute");
                Files.writeString(file, "res,0,1\nres,1,2\nres-more,1,0\n");
                for (String mode : List.of("--dry-run", "--execute", "--export --execute")) {
                    reset(session, protocol, "--from-file " + file + " " + mode);
                }
                Files.writeString(file, "res,0,100\n");
                reset(session, protocol, "--from-file " + file + " --execute");
                Files.writeString(file, protocol + ",res,0,1\n");
                groups(
                        session,
                        "--reset-offsets --group " + protocol + " --group simple --from-file " + file + " --execute");
                groups(session, "--describe --group " + protocol);
            }
            reset(session, "new", "--topic res --to-earliest --execute");
            reset(session, "new-too", "--all-topics --to-earliest --execute");
            groups(session, "--reset-offsets --all-groups --all-topics --to-latest --execute");
            groups(session, "--reset-offsets --all-groups --topic res --to-earliest --dry-run --export");
            groups(session, "--reset-offsets --to-earliest --execute");
            groups(session, "--describe --group new --command-config " + clientId);
        });
    }

    @Test
    void delete() throws Exception {
        brokers.same("groups-delete", session -> {
            alone(session);
            records(session, "del");
            for (String protocol : PROTOCOLS) {
                try (var member = new ActiveMember(session, protocol, "del", protocol)) {
                    member.awaitAssignment();
                    groups(session, "--delete --group " + protocol);
                    groups(session, "--delete-offsets --group " + protocol + " --topic del");
                }
                groups(session, "--delete-offsets --group " + protocol + " --topic del:0");
                groups(session, "--describe --group " + protocol);
                groups(session, "--delete-offsets --group " + protocol + " --topic del --topic none:1");
                groups(session, "--describe --group " + protocol);
                groups(session, "--describe --group " + protocol + " --state");
                groups(session, "--delete --group " + protocol + " --group none");
                groups(session, "--describe --group " + protocol + " --state");
            }
            commit(session, "simple", "del", 1, 2);
            commit(session, "simple-too", "del", 1, 2);
            groups(session, "--delete-offsets --group none --topic del");
            groups(session, "--delete-offsets --group simple --topic del:0,1,7");
            groups(session, "--delete-offsets --group simple");
            groups(session, "--delete-offsets --topic del");
            groups(session, "--delete --group simple --topic del");
            groups(session, "--delete");
            groups(session, "--delete --group none");
            groups(session, "--delete --all-groups --timeout 20000");
            groups(session, "--delete --all-groups");
            groups(session, "--list");
            session.run(CONSUMER_GROUPS, "--validate-regex", "a.*b");
            session.run(CONSUMER_GROUPS, "--validate-regex", "a(b");
        });
    }

    /** Other scenarios' groups would be listed too. */
    private static void alone(Session session) throws Exception {
        session.until(admin -> {
            try {
                var names = admin.listGroups().all().get(30, SECONDS).stream()
                        .map(group -> group.groupId())
                        .toList();
                admin.deleteConsumerGroups(names).all().get(30, SECONDS);
                return names.isEmpty();
            } catch (Exception notYet) {
                return false;
            }
        });
    }

    /** A topic with two partitions and twenty records. */
    private static void records(Session session, String topic) throws InterruptedException {
        session.run(TOPICS, "--create", "--topic", topic, "--partitions", "2");
        session.untilTopic(topic, 2);
        String lines =
                IntStream.range(0, 20).mapToObj(i -> "k" + i + "\tv" + i + "\n").collect(Collectors.joining());
        session.feed(lines, CONSOLE_PRODUCER, "--topic", topic, "--reader-property", "parse.key=true");
    }

    private static void consume(Session session, String group, String topic) {
        session.unrecorded(
                "", CONSOLE_CONSUMER, "--topic", topic, "--group", group, "--from-beginning", "--max-messages", "20");
    }

    /** What an administrator commits for a group without members. */
    private static void commit(Session session, String group, String topic, long... offsets) throws Exception {
        var commits = IntStream.range(0, offsets.length)
                .boxed()
                .collect(Collectors.toMap(
                        partition -> new TopicPartition(topic, partition),
                        partition -> new OffsetAndMetadata(offsets[partition])));
        session.admin().alterConsumerGroupOffsets(group, commits).all().get(30, SECONDS);
    }

    private static void groups(Session session, String commandLine) {
        session.runUnordered(CONSUMER_GROUPS, commandLine.split(" "));
    }

    private static void reset(Session session, String group, String how) {
        groups(session, "--reset-offsets --group " + group + " " + how);
    }
}
