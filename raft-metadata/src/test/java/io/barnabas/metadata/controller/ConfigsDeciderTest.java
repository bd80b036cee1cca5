package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.AlterConfigsRequest;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest.AlterConfigsResource;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest.AlterableConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ConfigsDeciderTest {
    private static final int SET = 0;
    private static final int DELETE = 1;
    private static final int APPEND = 2;
    private static final int SUBTRACT = 3;

    private final Deciders deciders = new Deciders();
    private final MetadataImage image = Deciders.topic(Deciders.cluster(1, 2), "t", 1, 1);

    private static AlterableConfig op(int operation, String key, String value) {
        return new AlterableConfig().configOperation((byte) operation).name(key).value(value);
    }

    private static AlterConfigsResource resource(int type, String name, AlterableConfig... configs) {
        return new AlterConfigsResource()
                .resourceType((byte) type)
                .resourceName(name)
                .configs(new ArrayList<>(List.of(configs)));
    }

    private static IncrementalAlterConfigsRequest request(AlterConfigsResource... resources) {
        return new IncrementalAlterConfigsRequest().resources(new ArrayList<>(List.of(resources)));
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(
                        resource(2, "none", op(SET, "retention.ms", "1")),
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                        "The topic 'none' does not exist."),
                Arguments.of(
                        resource(2, "", op(SET, "retention.ms", "1")),
                        ErrorCode.INVALID_REQUEST,
                        "Default topic resources are not allowed."),
                Arguments.of(
                        resource(2, "a b", op(SET, "retention.ms", "1")),
                        ErrorCode.INVALID_TOPIC_EXCEPTION,
                        "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics,"
                                + " '.', '_' and '-'"),
                Arguments.of(
                        resource(2, "t", op(SET, "nonsense", "1")),
                        ErrorCode.INVALID_CONFIG,
                        "Unknown topic config name: nonsense"),
                Arguments.of(
                        resource(2, "t", op(SET, "retention.ms", null)),
                        ErrorCode.INVALID_REQUEST,
                        "Null value not supported for : retention.ms"),
                Arguments.of(
                        resource(2, "t", op(SET, "retention.ms", "1"), op(DELETE, "retention.ms", null)),
                        ErrorCode.INVALID_REQUEST,
                        "Error due to duplicate config keys"),
                Arguments.of(
                        resource(2, "t", op(APPEND, "retention.ms", "1")),
                        ErrorCode.INVALID_CONFIG,
                        "Can't APPEND to key retention.ms because its type is not LIST."),
                Arguments.of(
                        resource(2, "t", op(SUBTRACT, "retention.ms", "1")),
                        ErrorCode.INVALID_CONFIG,
                        "Can't SUBTRACT to key retention.ms because its type is not LIST."),
                Arguments.of(
                        resource(2, "t", op(9, "retention.ms", "1")),
                        ErrorCode.INVALID_REQUEST,
                        "Unknown operations type 9"),
                Arguments.of(resource(3, "t", op(SET, "x", "1")), ErrorCode.INVALID_REQUEST, "Unknown resource type 3"),
                Arguments.of(
                        resource(4, "7", op(SET, "x", "1")),
                        ErrorCode.BROKER_ID_NOT_REGISTERED,
                        "No node with id 7 found."),
                Arguments.of(
                        resource(4, "seven", op(SET, "x", "1")),
                        ErrorCode.INVALID_REQUEST,
                        "Unable to parse broker name as a base 10 number."),
                Arguments.of(
                        resource(4, "-7", op(SET, "x", "1")), ErrorCode.INVALID_REQUEST, "Invalid negative broker ID."),
                Arguments.of(
                        resource(32, "", op(SET, "x", "1")),
                        ErrorCode.INVALID_REQUEST,
                        "Default group resources are not allowed."));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesInKafkasWords(AlterConfigsResource resource, ErrorCode error, String message) {
        var fine = resource(2, "t2", op(SET, "retention.ms", "1"));
        var both = Deciders.topic(image, "t2", 1, 1);

        var decision = deciders.configs.alter(both, request(resource, fine));

        var responses = decision.response().responses();
        assertEquals(error.code(), responses.get(0).errorCode());
        assertEquals(message, responses.get(0).errorMessage());
        assertEquals(resource.resourceName(), responses.get(0).resourceName());
        assertEquals(resource.resourceType(), responses.get(0).resourceType());
        assertEquals(ErrorCode.NONE.code(), responses.get(1).errorCode());
        assertNull(responses.get(1).errorMessage());
        assertEquals(1, decision.records().size());
    }

    @Test
    void cordonsNeedRecordsThatCanTellOfThem() {
        var older = image.apply(Deciders.level("metadata.version", 29));
        for (var change : List.of(op(SET, "cordoned.log.dirs", "/a"), op(DELETE, "cordoned.log.dirs", null))) {
            var request = request(resource(4, "1", change));

            assertEquals(1, deciders.configs.alter(image, request).records().size());
            var refused = deciders.configs.alter(older, request);
            assertTrue(refused.records().isEmpty());
            assertEquals(
                    ErrorCode.INVALID_CONFIG.code(),
                    refused.response().responses().get(0).errorCode());
            assertEquals(
                    "The cordoned.log.dirs configuration value cannot be set because it requires metadata.version >="
                            + " 4.3-IV0",
                    refused.response().responses().get(0).errorMessage());
        }
    }

    @Test
    void aResourceNamedTwiceIsRefusedTwice() {
        var once = resource(2, "t", op(SET, "retention.ms", "1"));

        var decision = deciders.configs.alter(image, request(once, once));

        assertTrue(decision.records().isEmpty());
        for (var response : decision.response().responses()) {
            assertEquals("Each resource must appear at most once.", response.errorMessage());
        }
        assertEquals(2, decision.response().responses().size());
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, 2, compact, 'delete,compact'",
                "-, 2, delete, delete",
                "compact, 2, 'delete,compact', 'compact,delete'",
                "'compact,delete', 3, compact, delete",
                "compact, 3, delete, compact",
                "compact, 3, compact, ''",
                "compact, 0, delete, delete",
                "compact, 1, -, -"
            })
    void changesValues(String before, int operation, String operand, String expected) {
        var from = image.apply(Deciders.config(ResourceType.TOPIC, "t", "cleanup.policy", before));

        var after = from.applyAll(deciders.configs
                .alter(from, request(resource(2, "t", op(operation, "cleanup.policy", operand))))
                .records());

        assertEquals(expected, after.configs().of(ResourceType.TOPIC, "t").get("cleanup.policy"));
    }

    @Test
    void anUnchangedValueIsWrittenAgainForBrokersOnly() {
        var from = image.apply(Deciders.config(ResourceType.TOPIC, "t", "retention.ms", "5"))
                .apply(Deciders.config(ResourceType.BROKER, "", "x", "5"));

        assertTrue(deciders.configs
                .alter(from, request(resource(2, "t", op(SET, "retention.ms", "5"))))
                .records()
                .isEmpty());
        assertEquals(
                1,
                deciders.configs
                        .alter(from, request(resource(4, "", op(SET, "x", "5"))))
                        .records()
                        .size());
    }

    @Test
    void onlyValidatingChangesNothing() {
        var decision = deciders.configs.alter(
                image, request(resource(2, "t", op(SET, "retention.ms", "5"))).validateOnly(true));

        assertTrue(decision.records().isEmpty());
        assertEquals(
                ErrorCode.NONE.code(), decision.response().responses().get(0).errorCode());
    }

    @Test
    void theLegacyRequestReplacesEverything() {
        var from = image.apply(Deciders.config(ResourceType.TOPIC, "t", "retention.ms", "5"))
                .apply(Deciders.config(ResourceType.TOPIC, "t", "cleanup.policy", "compact"));
        var request = new AlterConfigsRequest();
        var resource = new AlterConfigsRequest.AlterConfigsResource()
                .resourceType((byte) 2)
                .resourceName("t");
        resource.configs()
                .add(new AlterConfigsRequest.AlterableConfig()
                        .name("min.insync.replicas")
                        .value("2"));
        request.resources().add(resource);

        var after = from.applyAll(deciders.configs.replace(from, request).records());

        assertEquals(
                java.util.Map.of("min.insync.replicas", "2"), after.configs().of(ResourceType.TOPIC, "t"));
    }

    @Test
    void withEligibleLeadersBrokersHaveNoWantedInSyncReplicasOfTheirOwn() {
        var elr = Deciders.withElr(image);

        var decision = deciders.configs.alter(
                elr,
                request(
                        resource(4, "1", op(SET, "min.insync.replicas", "2")),
                        resource(4, "", op(DELETE, "min.insync.replicas", null)),
                        resource(4, "", op(SET, "other", "2"))));
        var responses = decision.response().responses();
        assertEquals(
                "Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
                responses.get(0).errorMessage());
        assertEquals("Each resource must appear at most once.", responses.get(1).errorMessage());
        var alone = deciders.configs.alter(elr, request(resource(4, "", op(DELETE, "min.insync.replicas", null))));
        assertEquals(
                "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
                alone.response().responses().get(0).errorMessage());
        var fine = deciders.configs.alter(elr, request(resource(4, "", op(SET, "min.insync.replicas", "2"))));
        assertEquals(2, fine.records().size());
        elr.applyAll(fine.records());
    }
}
