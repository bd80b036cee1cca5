package io.barnabas.broker.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** No topic key is ignored in silence: each has a test that shows its effect, or is known, and told, to have none. */
class TopicKeysTest {
    /** Key → the tests that show what it does, as {@code Class#method}, or {@code Scenarios#name} for a scenario at both brokers. */
    private static final Map<String, List<String>> SHOWN_BY = Map.ofEntries(
            entry(
                    "cleanup.policy",
                    List.of(
                            "CompactionIT#ofEachKeyTheLatestStays",
                            "CleanupPolicyTest#withoutAPolicyEverythingStays",
                            "LogConfigScenarios#cleanup-policy-empty")),
            entry("compression.gzip.level", List.of("StoredAsAskedTest#levelsAreTheTopics")),
            entry("compression.lz4.level", List.of("StoredAsAskedTest#levelsAreTheTopics")),
            entry(
                    "compression.type",
                    List.of(
                            "StoredAsAskedTest#batchesAreStoredWithTheTopicsCodec",
                            "ProduceScenarios#produce-recompression")),
            entry("compression.zstd.level", List.of("StoredAsAskedTest#levelsAreTheTopics")),
            entry("delete.retention.ms", List.of("CompactionAgreementTest#theSameStays")),
            entry("durability", List.of("JournalledLogsTest#oneForceIsEnoughForManyPartitions")),
            entry("file.delete.delay.ms", List.of("LogStoreTest#deletedLogsVanishAfterTheirDelay")),
            entry("flush.messages", List.of("LogSettingsTest#flushesAreDueByMessages")),
            entry("flush.ms", List.of("LogSettingsTest#flushesAreDueByTime")),
            entry("index.interval.bytes", List.of("CompactionAgreementTest#theSameStays")),
            entry("internal.segment.bytes", List.of("TopicSettingsTest#internalSegmentBytesComeFirst")),
            entry("max.compaction.lag.ms", List.of("CompactionPlanTest#whatWaitsTooLongIsDueWhateverTheRatio")),
            entry(
                    "max.message.bytes",
                    List.of(
                            "PartitionLogTest#badBatchesAreRejectedWithKafkasErrors",
                            "ProduceScenarios#produce-too-large")),
            entry(
                    "message.timestamp.after.max.ms",
                    List.of(
                            "PartitionLogTest#timestampsOutOfBoundsNameTheRecords",
                            "LogConfigScenarios#produce-timestamps-out-of-bounds")),
            entry(
                    "message.timestamp.before.max.ms",
                    List.of(
                            "PartitionLogTest#timestampsOutOfBoundsNameTheRecords",
                            "LogConfigScenarios#produce-timestamps-out-of-bounds")),
            entry(
                    "message.timestamp.type",
                    List.of("PartitionLogTest#logAppendTimeIsStamped", "ProduceScenarios#produce-log-append-time")),
            entry("min.cleanable.dirty.ratio", List.of("CompactionPlanTest#theDirtyPartMustBeAboveTheRatio")),
            entry("min.compaction.lag.ms", List.of("CompactionPlanTest#whatIsTooYoungIsLeftAlone")),
            entry("min.insync.replicas", List.of("ProduceScenarios#produce-min-isr")),
            entry("remote.storage.enable", List.of("TopicConfigsTest#refusalsAreKafkas")),
            entry("retention.bytes", List.of("RetentionTest#bySize")),
            entry("retention.ms", List.of("RetentionTest#byTime")),
            entry("segment.bytes", List.of("PartitionLogTest#segmentsRollBySizeAndReadsCrossThem")),
            entry("segment.index.bytes", List.of("LogSettingsTest#aFullIndexEndsASegment")),
            entry("segment.jitter.ms", List.of("LogSettingsTest#jitterSpreadsTheEndOfSegments")),
            entry("segment.ms", List.of("LogSettingsTest#anOldSegmentEnds")),
            entry(
                    "unclean.leader.election.enable",
                    List.of("PartitionsDeciderTest#aTopicMayAllowALeaderThatWasNotInSync")));

    /** What Kafka has them for is not there yet, or (remote.*, local.*) is refused. */
    private static final List<String> WITHOUT_EFFECT = List.of(
            "follower.replication.throttled.replicas",
            "leader.replication.throttled.replicas",
            "local.retention.bytes",
            "local.retention.ms",
            "preallocate",
            "remote.log.copy.disable",
            "remote.log.delete.on.disable");

    @Test
    void everyTopicKeyIsShownToWorkOrNamedAsWithoutEffect() {
        var accounted = new TreeSet<>(SHOWN_BY.keySet());
        accounted.addAll(WITHOUT_EFFECT);
        assertEquals(new TreeSet<>(ConfigTable.TOPIC.names()), accounted);
        assertEquals(new HashSet<>(SHOWN_BY.keySet()), EffectiveKeys.TOPIC);
        for (var key : ConfigTable.TOPIC.all()) {
            var idle = EffectiveKeys.idle(Map.of(key.name(), another(key)));
            assertEquals(WITHOUT_EFFECT.contains(key.name()) ? List.of(key.name()) : List.of(), idle);
        }
    }

    private static String another(ConfigDefinition key) {
        return switch (key.type()) {
            case BOOLEAN -> "true";
            case LIST -> key.name().endsWith("throttled.replicas") ? "*" : "compact";
            case STRING -> key.defaultText();
            case DOUBLE -> "1";
            default -> key.name().startsWith("compression") ? "7" : "2000000";
        };
    }

    @Test
    void theTestsThatShowItAreThere() throws IOException {
        var sources = new TreeMap<String, String>();
        try (var files = Files.walk(Path.of(".."), 12)) {
            files.filter(file -> file.toString().contains("src/test/java"))
                    .filter(file -> file.toString().endsWith(".java"))
                    .forEach(file -> sources.put(file.getFileName().toString(), text(file)));
        }
        var missing = new TreeSet<String>();
        for (var shown : SHOWN_BY.values()) {
            for (var test : shown) {
                var parts = test.split("#");
                var source = sources.getOrDefault(parts[0] + ".java", "");
                if (!source.contains("void " + parts[1] + "(") && !source.contains("\"" + parts[1] + "\"")) {
                    missing.add(test);
                }
            }
        }
        assertEquals(new TreeSet<>(), missing);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
