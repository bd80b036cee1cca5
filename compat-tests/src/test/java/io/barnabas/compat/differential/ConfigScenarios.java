package io.barnabas.compat.differential;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.compat.cluster.OwnKeys;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;

/** DescribeConfigs (kafka-semantics C.8). The whole table of keys is compared by ConfigFactsTest. */
final class ConfigScenarios {
    private static final byte TOPIC = 2;
    private static final byte BROKER = 4;

    private ConfigScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("describe-configs-topic-defaults", session -> {
                    session.topic(session.name("t"), 1);
                    for (int version = 1; version <= 4; version++) {
                        described(
                                session,
                                new DescribeConfigsRequestData()
                                        .setResources(List.of(resource(TOPIC, session.name("t"), null)))
                                        .setIncludeSynonyms(true),
                                version);
                    }
                }),
                new Scenario("describe-configs-topic-overrides", session -> {
                    session.topic(
                            session.name("t"),
                            1,
                            "retention.ms",
                            "12345",
                            "cleanup.policy",
                            "compact,delete",
                            "max.message.bytes",
                            "777",
                            "compression.type",
                            "lz4");
                    described(
                            session,
                            new DescribeConfigsRequestData()
                                    .setResources(List.of(resource(TOPIC, session.name("t"), null)))
                                    .setIncludeSynonyms(true)
                                    .setIncludeDocumentation(true),
                            4);
                }),
                new Scenario("describe-configs-chosen-keys", session -> {
                    session.topic(session.name("t"), 1);
                    described(
                            session,
                            new DescribeConfigsRequestData()
                                    .setResources(List.of(resource(
                                            TOPIC,
                                            session.name("t"),
                                            List.of("segment.bytes", "no.such.key", "retention.ms")))),
                            4);
                    described(
                            session,
                            new DescribeConfigsRequestData()
                                    .setResources(List.of(resource(TOPIC, session.name("t"), List.of()))),
                            4);
                }),
                new Scenario(
                        "describe-configs-broker-keys",
                        session -> described(
                                session,
                                new DescribeConfigsRequestData()
                                        .setResources(List.of(resource(
                                                BROKER,
                                                "1",
                                                List.of(
                                                        "log.retention.ms",
                                                        "log.retention.hours",
                                                        "num.partitions",
                                                        "message.max.bytes",
                                                        "ssl.keystore.password",
                                                        "advertised.listeners.no",
                                                        "node.id",
                                                        "process.roles",
                                                        "log.cleaner.threads",
                                                        "offsets.topic.replication.factor"))))
                                        .setIncludeSynonyms(true)
                                        .setIncludeDocumentation(true),
                                4)),
                new Scenario(
                        "describe-configs-cluster-default",
                        session -> described(
                                session,
                                new DescribeConfigsRequestData().setResources(List.of(resource(BROKER, "", null))),
                                4)),
                new Scenario("describe-configs-errors", session -> {
                    described(session, one(TOPIC, session.name("none")), 4);
                    described(session, one(TOPIC, "bad name"), 4);
                    described(session, one(TOPIC, ""), 4);
                    described(session, one(BROKER, "77"), 4);
                    described(session, one(BROKER, "one"), 4);
                    described(session, one((byte) 99, "x"), 4);
                }));
    }

    private static DescribeConfigsRequestData one(byte type, String name) {
        return new DescribeConfigsRequestData().setResources(List.of(resource(type, name, null)));
    }

    private static DescribeConfigsResource resource(byte type, String name, List<String> keys) {
        return new DescribeConfigsResource()
                .setResourceType(type)
                .setResourceName(name)
                .setConfigurationKeys(keys);
    }

    /** The order of the entries says nothing: Kafka's own is that of a hash map. */
    private static void described(Session session, DescribeConfigsRequestData request, int version) {
        DescribeConfigsResponseData response = session.quietly(request, version);
        for (var result : response.results()) {
            session.transcript()
                    .note("v" + version + " " + result.resourceType() + " " + result.resourceName() + " error "
                            + result.errorCode() + " " + result.errorMessage());
            List<String> lines = new ArrayList<>();
            result.configs().forEach(config -> {
                if (request.includeDocumentation()) {
                    // The sentences are Kafka's own; ours are in docs/configuration.md.
                    config.setDocumentation("*");
                }
                lines.add("  " + config);
            });
            lines.stream()
                    .filter(line -> OwnKeys.NAMES.stream().noneMatch(line::contains))
                    .sorted()
                    .forEach(session.transcript()::note);
        }
    }
}
