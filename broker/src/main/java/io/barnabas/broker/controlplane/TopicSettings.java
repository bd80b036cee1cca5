package io.barnabas.broker.controlplane;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.TopicConfigs;
import io.barnabas.protocol.record.Compression;
import io.barnabas.protocol.record.TimestampType;
import io.barnabas.storage.log.Durability;
import io.barnabas.storage.log.LogConfig;

/**
 * A topic's configuration as partitions use it, from the texts of its effective values: the topic's own over the broker's
 * defaults. Texts were validated when they were set.
 *
 * @param minInsyncReplicas {@code min.insync.replicas}
 */
public record TopicSettings(LogConfig log, int minInsyncReplicas) {

    /** The settings of a topic that sets these configs itself. */
    public static TopicSettings of(BrokerConfig broker, Map<String, String> overrides) {
        return of(TopicConfigs.resolved(broker, overrides));
    }

    /** @param values by topic config name; a missing one takes Kafka's default */
    public static TopicSettings of(Map<String, String> values) {
        var texts = new Texts(values);
        var d = LogConfig.DEFAULTS;
        var policies =
                List.of(texts.text("cleanup.policy", "delete").replace(" ", "").split(","));
        var codec = texts.text("compression.type", "producer").toUpperCase(Locale.ROOT);
        var log = LogConfig.builder()
                .segmentBytes(
                        (int) texts.number("internal.segment.bytes", texts.number("segment.bytes", d.segmentBytes())))
                .segmentMs(texts.number("segment.ms", d.segmentMs()))
                .segmentJitterMs(texts.number("segment.jitter.ms", d.segmentJitterMs()))
                .segmentIndexBytes((int) texts.number("segment.index.bytes", d.segmentIndexBytes()))
                .indexIntervalBytes((int) texts.number("index.interval.bytes", d.indexIntervalBytes()))
                .maxMessageBytes((int) texts.number("max.message.bytes", d.maxMessageBytes()))
                .compact(policies.contains("compact"))
                .delete(policies.contains("delete"))
                .retentionMs(texts.number("retention.ms", d.retentionMs()))
                .retentionBytes(texts.number("retention.bytes", d.retentionBytes()))
                .fileDeleteDelayMs(texts.number("file.delete.delay.ms", d.fileDeleteDelayMs()))
                .deleteRetentionMs(texts.number("delete.retention.ms", d.deleteRetentionMs()))
                .minCompactionLagMs(texts.number("min.compaction.lag.ms", d.minCompactionLagMs()))
                .maxCompactionLagMs(texts.number("max.compaction.lag.ms", d.maxCompactionLagMs()))
                .minCleanableDirtyRatio(Double.parseDouble(
                        texts.text("min.cleanable.dirty.ratio", Double.toString(d.minCleanableDirtyRatio()))))
                .compression(compression(codec))
                .compressionLevel(level(codec, texts))
                .timestampType(
                        texts.text("message.timestamp.type", "CreateTime").equals("LogAppendTime")
                                ? TimestampType.LOG_APPEND_TIME
                                : TimestampType.CREATE_TIME)
                .timestampBeforeMaxMs(texts.number("message.timestamp.before.max.ms", d.timestampBeforeMaxMs()))
                .timestampAfterMaxMs(texts.number("message.timestamp.after.max.ms", d.timestampAfterMaxMs()))
                .flushMessages(texts.number("flush.messages", d.flushMessages()))
                .flushMs(texts.number("flush.ms", d.flushMs()))
                .durability(Durability.valueOf(
                        texts.text("durability", d.durability().name()).toUpperCase(Locale.ROOT)))
                .preallocate(Boolean.parseBoolean(texts.text("preallocate", "false")))
                .build();
        return new TopicSettings(log, (int) texts.number("min.insync.replicas", 1));
    }

    private static Optional<Compression> compression(String codec) {
        return switch (codec) {
            case "PRODUCER" -> Optional.empty();
            case "UNCOMPRESSED" -> Optional.of(Compression.NONE);
            default -> Optional.of(Compression.valueOf(codec));
        };
    }

    private static int level(String codec, Texts texts) {
        return switch (codec) {
            case "GZIP" -> (int) texts.number("compression.gzip.level", -1);
            case "LZ4" -> (int) texts.number("compression.lz4.level", 9);
            case "ZSTD" -> (int) texts.number("compression.zstd.level", 3);
            default -> 0;
        };
    }

    private record Texts(Map<String, String> values) {
        String text(String name, String otherwise) {
            String value = values.get(name);
            return value == null ? otherwise : value.trim();
        }

        long number(String name, long otherwise) {
            String value = values.get(name);
            return value == null ? otherwise : Long.parseLong(value.trim());
        }
    }
}
