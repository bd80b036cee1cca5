package io.barnabas.broker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

import io.barnabas.broker.testing.RawClient;
import io.barnabas.broker.testing.TestBroker;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.AlterConfigsRequest;
import io.barnabas.protocol.message.AlterConfigsResponse;
import io.barnabas.protocol.message.DescribeConfigsRequest;
import io.barnabas.protocol.message.DescribeConfigsResponse;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponse;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Configs as stock clients describe and change them. */
class ConfigsIT {
    private static final ConfigResource BROKER = new ConfigResource(Type.BROKER, "1");
    private static final ConfigResource BROKERS = new ConfigResource(Type.BROKER, "");
    private static final ConfigResource LOGGERS = new ConfigResource(Type.BROKER_LOGGER, "1");

    @TempDir
    static Path logDir;

    private static TestBroker broker;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        broker = TestBroker.start(logDir, Map.of("log.retention.hours", "100"));
        admin = Admin.create(broker.clientSettings());
    }

    @AfterAll
    static void stop() {
        admin.close(Duration.ofSeconds(5));
        broker.close();
    }

    @Test
    void aTopicIsDescribedWithEverySourceOfAValue() throws Exception {
        var topic = create("described", Map.of("segment.bytes", "2097152"));
        var own = entry(topic, "segment.bytes");
        assertEquals("2097152", own.value());
        assertEquals(ConfigSource.DYNAMIC_TOPIC_CONFIG, own.source());
        assertEquals(ConfigEntry.ConfigType.INT, own.type());
        assertEquals(
                List.of("segment.bytes", "log.segment.bytes"),
                own.synonyms().stream().map(ConfigEntry.ConfigSynonym::name).toList());
        var inherited = entry(topic, "retention.ms");
        assertEquals("360000000", inherited.value());
    }

    @Test
    void aChangedTopicConfigReachesTheLog() throws Exception {
        var topic = create("shrinking", Map.of());
        assertNull(failureOf(5_000, "shrinking"));
        alter(topic, "max.message.bytes", OpType.SET, "1000");
        assertInstanceOf(RecordTooLargeException.class, failureOf(5_000, "shrinking"));
        alter(topic, "max.message.bytes", OpType.DELETE, null);
        await(() -> failureOf(5_000, "shrinking") == null);
    }

    @Test
    void aBrokerDefaultSetAtRunTimeReachesTheLogsThatInheritIt() throws Exception {
        create("inheriting", Map.of());
        create("own", Map.of("max.message.bytes", "100000"));
        alter(BROKERS, "message.max.bytes", OpType.SET, "2000");
        await(() -> failureOf(5_000, "inheriting") instanceof RecordTooLargeException);
        assertNull(failureOf(5_000, "own"));
        assertEquals(
                ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG,
                entry(BROKER, "message.max.bytes").source());
        alter(BROKER, "message.max.bytes", OpType.SET, "9000");
        await(() -> failureOf(5_000, "inheriting") == null);
        assertEquals("9000", entry(BROKER, "message.max.bytes").value());
        alter(BROKER, "message.max.bytes", OpType.DELETE, null);
        alter(BROKERS, "message.max.bytes", OpType.DELETE, null);
        assertEquals(
                ConfigSource.DEFAULT_CONFIG, entry(BROKER, "message.max.bytes").source());
    }

    @Test
    void listsAreAppendedToAndSubtractedFrom() throws Exception {
        var topic = create("listed", Map.of());
        alter(topic, "cleanup.policy", OpType.APPEND, "compact");
        assertEquals("delete,compact", entry(topic, "cleanup.policy").value());
        alter(topic, "cleanup.policy", OpType.SUBTRACT, "delete");
        assertEquals("compact", entry(topic, "cleanup.policy").value());
        assertRefused(InvalidConfigurationException.class, topic, "retention.ms", OpType.APPEND, "5", "LIST");
    }

    @Test
    void validationOnlyChangesNothing() throws Exception {
        var topic = create("validated", Map.of());
        admin.incrementalAlterConfigs(
                        Map.of(topic, List.of(op("retention.ms", OpType.SET, "77"))),
                        new AlterConfigsOptions().validateOnly(true))
                .all()
                .get();
        assertEquals("360000000", entry(topic, "retention.ms").value());
    }

    @Test
    void whatKafkaRefusesIsRefused() throws Exception {
        var topic = create("strict", Map.of());
        assertRefused(InvalidConfigurationException.class, topic, "retention.ms", OpType.SET, "long", "long");
        assertRefused(InvalidConfigurationException.class, topic, "no.such", OpType.SET, "1", "no.such");
        assertRefused(
                UnknownTopicOrPartitionException.class,
                new ConfigResource(Type.TOPIC, "nowhere"),
                "retention.ms",
                OpType.SET,
                "5",
                "nowhere");
        assertRefused(InvalidRequestException.class, BROKER, "node.id", OpType.SET, "7", "node.id");
        assertRefused(InvalidRequestException.class, BROKER, "listeners", OpType.SET, "PLAINTEXT://:1", "listeners");
        assertRefused(InvalidRequestException.class, BROKER, "log.retention.ms", OpType.SET, "soon", "soon");
        assertRefused(
                InvalidRequestException.class, BROKER, "ssl.keystore.location", OpType.SET, "/x", "listener prefix");
        assertRefused(
                InvalidRequestException.class,
                BROKERS,
                "listener.name.plaintext.ssl.keystore.location",
                OpType.SET,
                "/x",
                "broker id must be specified");
        assertRefused(
                InvalidRequestException.class, BROKER, "num.replica.fetchers", OpType.SET, "9", "greater than double");
        assertRefused(
                InvalidRequestException.class, BROKER, "log.cleaner.threads", OpType.SET, "9", "more than double");
        assertRefused(InvalidRequestException.class, BROKER, "log.cleaner.threads", OpType.SET, "0", "at least 1");
        assertRefused(
                InvalidConfigurationException.class,
                new ConfigResource(Type.GROUP, "g"),
                "consumer.session.timeout.ms",
                OpType.SET,
                "1",
                "group.consumer.min.session.timeout.ms");
        assertRefused(
                InvalidRequestException.class,
                new ConfigResource(Type.CLIENT_METRICS, "s"),
                "interval.ms",
                OpType.SET,
                "1",
                "interval.ms");
    }

    @Test
    void groupsAndSubscriptionsKeepTheirConfigs() throws Exception {
        var group = new ConfigResource(Type.GROUP, "some-group");
        alter(group, "consumer.session.timeout.ms", OpType.SET, "50000");
        assertEquals("50000", entry(group, "consumer.session.timeout.ms").value());
        assertEquals(
                ConfigSource.DYNAMIC_GROUP_CONFIG,
                entry(group, "consumer.session.timeout.ms").source());
        var subscription = new ConfigResource(Type.CLIENT_METRICS, "some-subscription");
        alter(subscription, "match", OpType.SET, "client_id=.*");
        assertEquals("client_id=.*", entry(subscription, "match").value());
    }

    @Test
    void logLevelsChangeInThisProcess() throws Exception {
        var name = "io.barnabas.broker.Broker";
        alter(LOGGERS, name, OpType.SET, "DEBUG");
        assertEquals("DEBUG", entry(LOGGERS, name).value());
        alter(LOGGERS, name, OpType.DELETE, null);
        assertEquals(entry(LOGGERS, "root").value(), entry(LOGGERS, name).value());
        assertRefused(InvalidConfigurationException.class, LOGGERS, name, OpType.SET, "LOUD", "LOUD");
        assertRefused(InvalidConfigurationException.class, LOGGERS, "no.such", OpType.SET, "INFO", "no.such");
        assertRefused(InvalidRequestException.class, LOGGERS, "root", OpType.DELETE, null, "root");
    }

    @Test
    void theLegacyRequestReplacesEverythingAResourceSets() throws Exception {
        var topic = create("replaced", Map.of("retention.ms", "1000", "segment.bytes", "2097152"));
        try (var client = new RawClient(broker.port())) {
            for (int version = 0; version <= 2; version++) {
                var request = new AlterConfigsRequest();
                request.resources()
                        .add(new AlterConfigsRequest.AlterConfigsResource()
                                .resourceType(Type.TOPIC.id())
                                .resourceName("replaced")
                                .configs(List.of(new AlterConfigsRequest.AlterableConfig()
                                        .name("retention.ms")
                                        .value("2000"))));
                request.resources()
                        .add(new AlterConfigsRequest.AlterConfigsResource()
                                .resourceType(Type.BROKER_LOGGER.id())
                                .resourceName("1"));
                var results = client.call(request, version, AlterConfigsResponse.class)
                        .responses();
                assertEquals(ErrorCode.NONE.code(), results.get(0).errorCode());
                assertEquals(ErrorCode.INVALID_REQUEST.code(), results.get(1).errorCode());
                assertEquals("Unknown resource type 8", results.get(1).errorMessage());
            }
        }
        assertEquals("2000", entry(topic, "retention.ms").value());
        assertEquals("1073741824", entry(topic, "segment.bytes").value());
    }

    @Test
    void mistakesInTheShapeOfARequestAreToldByResource() throws Exception {
        try (var client = new RawClient(broker.port())) {
            for (int version = 0; version <= 1; version++) {
                var request = new IncrementalAlterConfigsRequest();
                request.resources().add(changing("a", "retention.ms", "1", "retention.ms", "2"));
                request.resources().add(changing("b"));
                request.resources().add(changing("b"));
                request.resources().add(changing("c", "retention.ms", null));
                request.resources().add(changing("d").resourceType((byte) 3));
                var results = client.call(request, version, IncrementalAlterConfigsResponse.class)
                        .responses();
                assertEquals(
                        List.of(
                                "Error due to duplicate config keys",
                                "Each resource must appear at most once.",
                                "Each resource must appear at most once.",
                                "Null value not supported for : retention.ms",
                                "Unknown resource type 3"),
                        results.stream()
                                .map(IncrementalAlterConfigsResponse.AlterConfigsResourceResponse::errorMessage)
                                .toList());
            }
        }
    }

    private static IncrementalAlterConfigsRequest.AlterConfigsResource changing(String topic, String... pairs) {
        var resource = new IncrementalAlterConfigsRequest.AlterConfigsResource()
                .resourceType(Type.TOPIC.id())
                .resourceName(topic);
        for (int i = 0; i < pairs.length; i += 2) {
            resource.configs()
                    .add(new IncrementalAlterConfigsRequest.AlterableConfig()
                            .name(pairs[i])
                            .value(pairs[i + 1]));
        }
        return resource;
    }

    @Test
    void everyVersionOfDescribeAnswersWithTheNamesThatWereAskedFor() throws Exception {
        create("selected", Map.of());
        try (var client = new RawClient(broker.port())) {
            for (int version = 1; version <= 4; version++) {
                var request = new DescribeConfigsRequest();
                request.resources()
                        .add(new DescribeConfigsRequest.DescribeConfigsResource()
                                .resourceType(Type.TOPIC.id())
                                .resourceName("selected")
                                .configurationKeys(List.of("retention.ms", "no.such")));
                request.resources()
                        .add(new DescribeConfigsRequest.DescribeConfigsResource()
                                .resourceType(Type.BROKER.id())
                                .resourceName("2")
                                .configurationKeys(null));
                var results = client.call(request, version, DescribeConfigsResponse.class)
                        .results();
                assertEquals(1, results.get(0).configs().size());
                assertEquals("retention.ms", results.get(0).configs().get(0).name());
                assertEquals(
                        version >= 3 ? 5 : 0, results.get(0).configs().get(0).configType());
                assertEquals(ErrorCode.INVALID_REQUEST.code(), results.get(1).errorCode());
                assertTrue(results.get(1).errorMessage().contains("Unexpected broker id"));
            }
        }
    }

    private static ConfigResource create(String topic, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(configs)))
                .all()
                .get();
        return new ConfigResource(Type.TOPIC, topic);
    }

    private static ConfigEntry entry(ConfigResource resource, String name) throws Exception {
        return admin.describeConfigs(List.of(resource), new DescribeConfigsOptions().includeSynonyms(true))
                .all()
                .get()
                .get(resource)
                .get(name);
    }

    private static AlterConfigOp op(String name, OpType type, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), type);
    }

    private static void alter(ConfigResource resource, String name, OpType type, String value) throws Exception {
        Collection<AlterConfigOp> ops = List.of(op(name, type, value));
        admin.incrementalAlterConfigs(Map.of(resource, ops)).all().get();
    }

    private static void assertRefused(
            Class<? extends Throwable> error,
            ConfigResource resource,
            String name,
            OpType type,
            String value,
            String part) {
        var failure = assertThrows(ExecutionException.class, () -> alter(resource, name, type, value))
                .getCause();
        assertInstanceOf(error, failure);
        assertTrue(failure.getMessage().contains(part), failure::getMessage);
    }

    /** What producing one record of so many bytes fails with; null if it does not. */
    private static Throwable failureOf(int sizeBytes, String topic) {
        var settings = broker.clientSettings();
        settings.put("enable.idempotence", false);
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, new byte[sizeBytes])).get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "gave up waiting");
            Thread.sleep(20);
        }
    }
}
