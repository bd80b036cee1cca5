package io.barnabas.protocol.message;

import java.util.SplittableRandom;
import java.util.stream.Stream;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.wire.ApiMessage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

/**
 * Every schema × every version: random messages have the bytes that Kafka's own classes give them, and each side reads the
 * other's. {@code -Dseed=N} repeats a run, {@code -Dmessages=N} sets how many random messages each version gets.
 */
class CodecProofTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int MESSAGES = Integer.getInteger("messages", 40);

    @Test
    void allSchemasThatShipWithKafkaAreThere() throws Exception {
        // 198 schemas in kafka-clients, of which 8 have no version left; 81 in the jars of coordinators, storage,
        // metadata.
        assertEquals(198 - 8 + 81, Codecs.all().size());
    }

    @TestFactory
    Stream<DynamicTest> sameBytesAsKafka() throws Exception {
        return Codecs.all().stream()
                .map(codec -> DynamicTest.dynamicTest(codec + " seed " + SEED, () -> {
                    var kafka = KafkaMessage.of(codec.toString());
                    for (short version = codec.lowest(); version <= codec.highest(); version++) {
                        assertArrayEquals(
                                KafkaMessage.write(kafka.create(), version),
                                writtenOrNull(codec, version, kafka),
                                "defaults of version " + version);
                        for (int i = 0; i < MESSAGES; i++) {
                            checkOne(codec, kafka, version, SEED + i);
                        }
                    }
                }));
    }

    /** The message as it is created: the proof that defaults are the same. */
    private static byte[] writtenOrNull(Codecs.Codec codec, short version, KafkaMessage kafka) throws Exception {
        assertNotNull(kafka);
        return Codecs.write(codec.create(), version);
    }

    private static void checkOne(Codecs.Codec codec, KafkaMessage kafka, short version, long seed) throws Exception {
        var bytes = new RandomBytes(new SplittableRandom(seed)).of(kafka.schema(version));
        var theirs = kafka.read(bytes, version);
        var ours = codec.read(bytes, version);
        var ourBytes = Codecs.write(ours, version);
        var what = "version " + version + " seed " + seed + ": " + ours;
        assertArrayEquals(KafkaMessage.write(theirs, version), ourBytes, what);
        assertEquals(theirs, kafka.read(ourBytes, version), what);
        var again = codec.read(ourBytes, version);
        assertEquals(ours, again, what);
        assertEquals(ours.hashCode(), again.hashCode(), what);
        assertEquals(ours.toString(), again.toString(), what);
    }

    @TestFactory
    Stream<DynamicTest> sameApis() {
        return Stream.of(ApiKeys.values())
                .map(theirs -> DynamicTest.dynamicTest(theirs.name(), () -> {
                    var ours = ApiKey.of(theirs.id).orElseThrow();
                    assertEquals(theirs.name(), ours.name());
                    assertEquals(theirs.name, ours.title());
                    if (!theirs.hasValidVersion()) {
                        return;
                    }
                    assertEquals(theirs.oldestVersion(), ours.lowestVersion());
                    assertEquals(theirs.latestVersion(false), ours.highestVersion());
                    assertEquals(theirs.latestVersion(true), ours.latestVersion());
                    for (short version = ours.lowestVersion(); version <= ours.latestVersion(); version++) {
                        assertEquals(theirs.requestHeaderVersion(version), ours.requestHeaderVersion(version));
                        assertEquals(theirs.responseHeaderVersion(version), ours.responseHeaderVersion(version));
                    }
                }));
    }

    @Test
    void sameErrors() {
        for (var theirs : Errors.values()) {
            var ours = ErrorCode.of(theirs.code());
            assertEquals(theirs.name(), ours.name());
            assertEquals(theirs.exception() == null ? null : theirs.message(), ours.message());
        }
        assertEquals(Errors.values().length, ErrorCode.values().length);
    }

    @Test
    void everyApiReadsItsOwnMessages() throws Exception {
        for (var codec : Codecs.all()) {
            if (codec.type().getSimpleName().matches("\\w+(Request|Response)")) {
                var message = (ApiMessage) codec.create();
                assertEquals(codec.type().getField("API_KEY").getShort(null), message.apiKey());
                var api = ApiKey.of(message.apiKey()).orElseThrow();
                assertEquals(codec.toString().replaceAll("(Request|Response)$", ""), api.title());
            }
        }
    }
}
