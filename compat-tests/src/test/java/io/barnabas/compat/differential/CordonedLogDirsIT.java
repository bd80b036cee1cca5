package io.barnabas.compat.differential;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Log directories that take no new replicas (KIP-1066), of brokers that have three: the same answers from both products. What Kafka does
 * a moment after it has answered is waited for; ours is to be as it was told at once.
 */
@Timeout(240)
class CordonedLogDirsIT {
    private static final String KEY = "cordoned.log.dirs";
    private static final byte SET = 0;
    private static final byte DELETE = 1;
    private static final byte APPEND = 2;
    private static final byte SUBTRACT = 3;

    @TempDir
    private Path home;

    /** One product with the log directories a, b and c, by paths of its own. */
    private final class Run {
        final Product product;
        final Path folder;
        final Map<String, String> paths = new TreeMap<>();
        final List<String> lines = new ArrayList<>();
        ChildBroker broker;
        Session session;

        Run(Product product, String name) {
            this.product = product;
            this.folder = home.resolve(name + "-" + product);
            for (var dir : List.of("a", "b", "c")) {
                paths.put(dir, folder.resolve(dir).toString());
            }
        }

        /** @param cordoned as the file has it; null for nothing */
        void start(String cordoned) throws Exception {
            var settings = new HashMap<String, String>();
            settings.put("log.dirs", String.join(",", paths.values()));
            if (cordoned != null) {
                settings.put(KEY, written(cordoned));
            }
            broker = ChildBroker.started(product, folder.resolve("broker"), settings);
            session = new Session("cordon", broker.port());
        }

        void restart() throws Exception {
            session.close();
            broker.stop();
            broker.start();
            session = new Session("cordon", broker.port());
        }

        /** Restarts it without one of its log directories. */
        void withoutDirectory(String dir) throws Exception {
            var left = new TreeMap<>(paths);
            left.remove(dir);
            var file = folder.resolve("broker").resolve("server.properties");
            var all = String.join(",", paths.values());
            Files.writeString(file, Files.readString(file).replace(all, String.join(",", left.values())));
            restart();
        }

        void end() {
            if (session != null) {
                session.close();
            }
            if (broker != null) {
                broker.close();
            }
        }

        /** Names of directories become their paths. */
        String written(String dirs) {
            return Pattern.compile("(?<![\\w/])[abc](?!\\w)").matcher(dirs).replaceAll(name -> paths.get(name.group()));
        }

        void note(String line) {
            var masked = line;
            for (var path : paths.entrySet()) {
                masked = masked.replace(path.getValue(), "<" + path.getKey() + ">");
            }
            // Kafka's own way to say that a check failed.
            lines.add(masked.replace("requirement failed: ", ""));
        }

        void alter(int operation, String dirs) {
            var change = new AlterableConfig()
                    .setName(KEY)
                    .setConfigOperation((byte) operation)
                    .setValue(dirs == null ? null : written(dirs));
            note("alter " + operation + " " + dirs + ": " + alter("1", change));
        }

        IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse alter(String broker, AlterableConfig change) {
            var resource = new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                    .setResourceType((byte) 4)
                    .setResourceName(broker);
            resource.configs().add(change);
            var request = new IncrementalAlterConfigsRequestData();
            request.resources().add(resource);
            IncrementalAlterConfigsResponseData response = session.quietly(request, 1);
            return response.responses().get(0);
        }

        IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse set(String name, String value) {
            var change =
                    new AlterableConfig().setName(name).setConfigOperation(SET).setValue(value);
            return alter("1", change);
        }

        void replace(String dirs) {
            var resource = new AlterConfigsRequestData.AlterConfigsResource()
                    .setResourceType((byte) 4)
                    .setResourceName("1");
            resource.configs()
                    .add(new AlterConfigsRequestData.AlterableConfig()
                            .setName(KEY)
                            .setValue(written(dirs)));
            var request = new AlterConfigsRequestData();
            request.resources().add(resource);
            note("replace " + dirs + ": " + session.quietly(request, 2));
        }

        void described() {
            var request = new DescribeConfigsRequestData()
                    .setIncludeSynonyms(true)
                    .setResources(List.of(new DescribeConfigsRequestData.DescribeConfigsResource()
                            .setResourceType((byte) 4)
                            .setResourceName("1")
                            .setConfigurationKeys(List.of(KEY))));
            DescribeConfigsResponseData response = session.quietly(request, 4);
            note("described: " + response.results().get(0).configs());
        }

        DescribeLogDirsResponseData logDirs() {
            return session.quietly(new DescribeLogDirsRequestData().setTopics(null), 5);
        }

        List<String> cordoned() {
            return logDirs().results().stream()
                    .filter(DescribeLogDirsResponseData.DescribeLogDirsResult::isCordoned)
                    .map(DescribeLogDirsResponseData.DescribeLogDirsResult::logDir)
                    .sorted()
                    .toList();
        }

        /** Which directories are cordoned, as the broker shows it and as its controller goes by it. */
        void noteCordoned(String... expected) {
            var wanted = List.of(expected).stream().map(paths::get).toList();
            if (product == Product.APACHE_KAFKA) {
                Session.await("cordoned: " + wanted, () -> cordoned().equals(wanted));
                Session.await(
                        "the controller has heard of it",
                        () -> (create(true, automatic("probe", 1)) == 0) == (expected.length < 3));
            }
            assertEquals(wanted, cordoned(), product.toString());
            note("cordoned: " + cordoned());
        }

        /** The directories that hold the partitions of a topic. */
        void noteWhere(String topic) {
            var found = new TreeMap<Integer, String>();
            for (var dir : logDirs().results()) {
                dir.topics().stream().filter(each -> each.name().equals(topic)).forEach(each -> each.partitions()
                        .forEach(partition -> found.put(partition.partitionIndex(), dir.logDir())));
            }
            note(topic + " is in " + found);
        }

        int create(boolean validateOnly, CreateTopicsRequestData.CreatableTopic topic) {
            var response = created(validateOnly, topic);
            return response.topics().iterator().next().errorCode();
        }

        CreateTopicsResponseData created(boolean validateOnly, CreateTopicsRequestData.CreatableTopic topic) {
            var request = new CreateTopicsRequestData().setTimeoutMs(30_000).setValidateOnly(validateOnly);
            request.topics().add(topic);
            return session.quietly(request, 7);
        }

        void noteCreated(CreateTopicsRequestData.CreatableTopic topic, int expectedPartitions) {
            var result = created(false, topic).topics().iterator().next();
            note("create " + topic.name() + ": " + result.errorCode() + " " + result.errorMessage());
            if (result.errorCode() == 0) {
                session.awaitLeaders(topic.name(), expectedPartitions);
            }
        }

        void move(String topic, int partition, String dir) {
            var asked = new AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic()
                    .setName(topic)
                    .setPartitions(List.of(partition));
            var there = new AlterReplicaLogDirsRequestData.AlterReplicaLogDir().setPath(written(dir));
            there.topics().add(asked);
            var request = new AlterReplicaLogDirsRequestData();
            request.dirs().add(there);
            note("move " + topic + "-" + partition + " to " + dir + ": " + session.quietly(request, 2));
        }

        void awaitIn(String topic, int partition, String dir) {
            Session.await(topic + "-" + partition + " is in " + dir, () -> logDirs().results().stream()
                    .filter(each -> each.logDir().equals(paths.get(dir)))
                    .flatMap(each -> each.topics().stream())
                    .filter(each -> each.name().equals(topic))
                    .flatMap(each -> each.partitions().stream())
                    .anyMatch(each -> each.partitionIndex() == partition && !each.isFutureKey()));
        }

        void call(org.apache.kafka.common.protocol.ApiMessage request, int version) {
            int before = session.transcript().lines().size();
            session.call(request, version);
            session.transcript().lines().stream().skip(before).forEach(this::note);
        }
    }

    private static CreateTopicsRequestData.CreatableTopic automatic(String name, int partitions) {
        return new CreateTopicsRequestData.CreatableTopic()
                .setName(name)
                .setNumPartitions(partitions)
                .setReplicationFactor((short) 1);
    }

    private static CreateTopicsRequestData.CreatableTopic manual(String name) {
        var topic = new CreateTopicsRequestData.CreatableTopic()
                .setName(name)
                .setNumPartitions(-1)
                .setReplicationFactor((short) -1);
        topic.assignments()
                .add(new CreatableReplicaAssignment().setPartitionIndex(0).setBrokerIds(List.of(1)));
        return topic;
    }

    private interface Script {
        void on(Run run) throws Exception;
    }

    private List<String> lines(Product product, String name, Script script) {
        var run = new Run(product, name);
        try {
            script.on(run);
            return run.lines;
        } catch (Exception e) {
            throw new IllegalStateException(product + " after " + run.lines, e);
        } finally {
            run.end();
        }
    }

    private void compare(String name, Script script) {
        var product = Product.valueOf(System.getProperty("peer", "BARNABAS"));
        var theirs = CompletableFuture.supplyAsync(
                () -> lines(Product.APACHE_KAFKA, name, script), task -> new Thread(task, "kafka").start());
        var ours = lines(product, name, script);
        var kafkas = theirs.join();
        if (Boolean.getBoolean("show")) {
            kafkas.forEach(System.out::println);
        }
        assertEquals("", Transcript.difference(kafkas, ours));
    }

    @Test
    void changedWhileTheBrokerRuns() {
        compare("running", run -> {
            run.start(null);
            refusals(run);
            someCordoned(run);
            moves(run);
            allCordoned(run);
            run.alter(DELETE, null);
            run.noteCordoned();
            run.noteCreated(automatic("open", 3), 3);
            run.alter(SET, "c");
            run.noteCordoned("c");
            run.restart();
            run.noteCordoned("c");
            run.described();
        });
    }

    private static void refusals(Run run) {
        for (var dirs : List.of("/no/such", "a,/no/such,b,/nor/that", "*,a", "a/", "a,,b")) {
            run.alter(SET, dirs);
            run.described();
        }
        run.alter(SET, "a, b");
        run.noteCordoned("a", "b");
        run.described();
        run.alter(SET, "a,a");
        run.noteCordoned("a");
        run.described();
        run.alter(SET, "");
        run.noteCordoned();
        run.alter(APPEND, "/no/such");
        run.alter(SUBTRACT, "/no/such");
        run.replace("/no/such");
        var change = new AlterableConfig().setName(KEY).setConfigOperation(SET).setValue("*");
        run.note("all brokers: " + run.alter("", change));
        run.note("another broker: " + run.alter("7", change));
        run.alter(DELETE, null);
        run.noteCordoned();
    }

    private static void someCordoned(Run run) {
        run.alter(SET, "a,b");
        run.noteCordoned("a", "b");
        run.described();
        run.noteCreated(automatic("t", 4), 4);
        run.noteWhere("t");
        run.call(
                Session.produce("t", 0, -1, Session.records(Compression.NONE, "v"))
                        .setTransactionalId(null),
                9);
    }

    private static void moves(Run run) {
        run.move("t", 0, "a");
        run.move("t", 0, "c");
        run.move("t", 9, "a");
        run.move("none", 0, "a");
        run.move("none", 0, "/no/such");
        run.move("l".repeat(249), 0, "a");
        run.alter(SUBTRACT, "a");
        run.noteCordoned("b");
        run.move("t", 0, "a");
        run.awaitIn("t", 0, "a");
        run.move("later", 0, "b");
        run.move("later", 0, "c");
        run.alter(APPEND, "a");
        run.noteCordoned("a", "b");
        run.move("t", 0, "a");
        run.call(Session.produce("t", 0, -1, Session.records(Compression.NONE, "v")), 9);
        run.noteWhere("t");
    }

    private static void allCordoned(Run run) {
        run.replace("*");
        run.noteCordoned("a", "b", "c");
        run.described();
        run.noteCreated(automatic("refused", 1), 1);
        var defaults = automatic("refused", -1).setReplicationFactor((short) -1);
        run.noteCreated(defaults, 1);
        run.noteCreated(automatic("refused", 1).setReplicationFactor((short) 2), 1);
        run.note("validated: "
                + run.created(true, automatic("refused", 1))
                        .topics()
                        .iterator()
                        .next()
                        .errorMessage());
        var more = new CreatePartitionsRequestData().setTimeoutMs(30_000);
        more.topics()
                .add(new CreatePartitionsRequestData.CreatePartitionsTopic()
                        .setName("t")
                        .setCount(5)
                        .setAssignments(null));
        run.call(more, 3);
        // By hand a replica is placed all the same: where it was ordered to, or in the first directory.
        run.noteCreated(manual("later"), 1);
        run.noteWhere("later");
        run.noteCreated(manual("manual"), 1);
        run.noteWhere("manual");
        var named = new MetadataRequestData().setAllowAutoTopicCreation(true);
        named.topics().add(new MetadataRequestData.MetadataRequestTopic().setName("auto"));
        run.call(named, 9);
        run.call(named, 9);
        var coordinator = new FindCoordinatorRequestData().setKeyType((byte) 0).setCoordinatorKeys(List.of("g"));
        run.call(coordinator, 6);
        run.call(coordinator, 6);
        run.call(new FindCoordinatorRequestData().setKeyType((byte) 0).setKey("g"), 3);
        run.call(Session.produce("t", 0, -1, Session.records(Compression.NONE, "v")), 9);
        run.call(Session.produce("t", 1, -1, Session.records(Compression.NONE, "v")), 9);
    }

    @Test
    void cordonedFromTheStart() {
        compare("started", run -> {
            run.start("*");
            run.noteCordoned("a", "b", "c");
            run.noteCreated(automatic("refused", 1), 1);
            run.described();
            run.alter(SET, "a,b");
            run.noteCordoned("a", "b");
            run.noteCreated(automatic("t", 3), 3);
            run.noteWhere("t");
            run.alter(SET, "");
            run.noteCordoned();
            run.alter(DELETE, null);
            run.noteCordoned("a", "b", "c");
        });
    }

    /** Of the differences between the products only this one is on purpose: Kafka does without all that was set at run time. */
    @Test
    void cordonedIsADirectoryThatIsGone() {
        for (var product : List.of(Product.APACHE_KAFKA, Product.BARNABAS)) {
            lines(product, "gone", run -> {
                run.start(null);
                run.alter(SET, "a,c");
                run.noteCordoned("a", "c");
                assertEquals(0, run.set("message.max.bytes", "5000").errorCode());
                run.withoutDirectory("c");
                boolean isOurs = product == Product.BARNABAS;
                assertEquals(isOurs ? List.of(run.paths.get("a")) : List.of(), run.cordoned());
                var refused = run.set("message.max.bytes", "6000");
                assertEquals(42, refused.errorCode());
                assertTrue(
                        refused.errorMessage()
                                .endsWith(
                                        "All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing"
                                                + " entries : " + run.paths.get("c")),
                        refused.errorMessage());
                run.alter(SUBTRACT, "c");
                run.noteCordoned("a");
                assertEquals(0, run.set("message.max.bytes", "6000").errorCode());
            });
        }
    }
}
