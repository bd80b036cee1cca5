package io.barnabas.compat.differential;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;

/** Broker configs at run time: which values are refused, and what those that are taken make of a topic's. On brokers of their own. */
final class BrokerConfigScenarios {
    private static final byte TOPIC = 2;
    private static final byte BROKER = 4;
    private static final byte SET = 0;
    private static final byte DELETE = 1;
    private static final String ALL_BROKERS = "";
    private static final String THIS_BROKER = "1";
    /** Only so that no other scenario sees what is set here. */
    private static final Map<String, String> SETTINGS = Map.of("log.retention.hours", "100");

    private BrokerConfigScenarios() {}

    static List<Scenario> all() {
        return List.of(
                scenario(
                        "broker-configs-that-are-defaults-of-topics",
                        List.of(
                                List.of("log.roll.ms", "-1", "0", "1", "9223372036854775807"),
                                List.of("log.roll.jitter.ms", "-1", "0", "1", "9223372036854775807"),
                                List.of("log.retention.ms", "-2", "-1", "0", "1", "9223372036854775807"),
                                List.of("log.retention.bytes", "-2", "-1", "0", "9223372036854775807"),
                                // Not -1: Kafka takes it and can describe no topic any more.
                                List.of("log.flush.interval.ms", "0", "1", "9223372036854775807"),
                                List.of("log.flush.interval.messages", "-1", "0", "1"),
                                List.of("log.segment.bytes", "-1", "1048575", "1048576", "2147483648"),
                                List.of("log.segment.delete.delay.ms", "-1", "0"),
                                List.of("log.index.size.max.bytes", "3", "4"),
                                List.of("log.index.interval.bytes", "-1", "0"),
                                List.of("log.cleaner.delete.retention.ms", "-1", "0"),
                                List.of("log.cleaner.min.compaction.lag.ms", "-1", "0"),
                                List.of("log.cleaner.max.compaction.lag.ms", "-1", "0", "1"),
                                List.of("log.local.retention.ms", "-3", "-2", "-1", "0", "999999999999"),
                                List.of("log.local.retention.bytes", "-3", "-2", "-1", "0"),
                                List.of("log.message.timestamp.before.max.ms", "-1", "0"),
                                List.of("log.message.timestamp.after.max.ms", "-1", "0"),
                                List.of("message.max.bytes", "-1", "0", "1", "2147483648"),
                                // That of all brokers cannot be taken back (KIP-966), so that only what is refused is
                                // tried.
                                List.of("min.insync.replicas", "0"),
                                List.of("compression.gzip.level", "-2", "-1", "0", "1", "10"))),
                scenario(
                        "broker-configs-checked-against-others",
                        List.of(
                                List.of("log.cleaner.dedupe.buffer.size", "-1", "0", "1", "100", "1048576", "1048577"),
                                List.of("log.cleaner.threads", "-1", "0", "2", "3"),
                                List.of("log.cleaner.io.buffer.size", "-1", "0", "1"),
                                List.of("log.cleaner.backoff.ms", "-1", "0"),
                                List.of("max.connections", "-1", "0", "100000"),
                                List.of("max.connection.creation.rate", "-1", "0", "100000"),
                                List.of("num.io.threads", "0", "1", "100"),
                                List.of("num.network.threads", "0", "100"),
                                List.of("num.replica.fetchers", "0", "2", "100"),
                                List.of("background.threads", "0", "1", "100"),
                                List.of("group.consumer.assignment.interval.ms", "-1", "0", "2000000000"),
                                List.of("replica.alter.log.dirs.io.max.bytes.per.second", "-1"),
                                List.of("leader.replication.throttled.rate", "-1"))));
    }

    private static Scenario scenario(String name, List<List<String>> keysAndValues) {
        return new Scenario(name, SETTINGS, session -> {
            session.topic(session.name("t"), 1);
            for (var resource : List.of(ALL_BROKERS, THIS_BROKER)) {
                for (var line : keysAndValues) {
                    var key = line.get(0);
                    for (var value : line.subList(1, line.size())) {
                        tried(session, resource, key, value);
                    }
                }
            }
        });
    }

    /** The message is left out: Kafka wraps it in the names of exceptions. */
    private static void tried(Session session, String resource, String key, String value) {
        var error = alter(session, resource, key, SET, value);
        session.transcript().note(key + "=" + value + " of '" + resource + "': error " + error);
        if (error == 0) {
            Session.await(
                    key + " = " + value,
                    () -> value.equals(described(session, BROKER, THIS_BROKER).get(key)));
            session.transcript()
                    .note(described(session, TOPIC, session.name("t")).toString());
            alter(session, resource, key, DELETE, null);
            Session.await(key + " is as it was", () -> !described(session, BROKER, resource)
                    .containsKey("set " + key));
        }
    }

    private static short alter(Session session, String name, String key, byte operation, String value) {
        var resource = new AlterConfigsResource().setResourceType(BROKER).setResourceName(name);
        resource.configs()
                .add(new AlterableConfig()
                        .setName(key)
                        .setConfigOperation(operation)
                        .setValue(value));
        var request = new IncrementalAlterConfigsRequestData();
        request.resources().add(resource);
        IncrementalAlterConfigsResponseData response = session.quietly(request, 1);
        return response.responses().get(0).errorCode();
    }

    /** Values by name; beside a broker's that are set at run time stands {@code set NAME}. */
    private static Map<String, String> described(Session session, byte type, String name) {
        DescribeConfigsResponseData response = session.quietly(
                new DescribeConfigsRequestData()
                        .setResources(List.of(new DescribeConfigsResource()
                                .setResourceType(type)
                                .setResourceName(name)
                                .setConfigurationKeys(null))),
                4);
        var values = new TreeMap<String, String>();
        for (var entry : response.results().get(0).configs()) {
            values.put(entry.name(), entry.value());
            if (type == BROKER && (entry.configSource() == 2 || entry.configSource() == 3)) {
                values.put("set " + entry.name(), entry.value());
            }
        }
        values.remove("durability");
        return values;
    }
}
