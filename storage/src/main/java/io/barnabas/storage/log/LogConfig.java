package io.barnabas.storage.log;

import java.util.Optional;

import io.barnabas.protocol.record.Compression;
import io.barnabas.protocol.record.TimestampType;

/**
 * What a log needs to know of its topic's configuration; one field per topic config, Kafka's defaults in {@link #DEFAULTS}.
 * Times in ms, sizes in bytes; -1 means unlimited where Kafka allows it.
 *
 * @param compression the codec every batch is stored with; empty keeps the producer's ({@code compression.type=producer})
 * @param compressionLevel level used when a batch must be compressed again; meaningless without a codec
 * @param flushMessages messages written before a flush is due ({@code flush.messages})
 * @param flushMs age of the oldest unflushed message at which a flush is due ({@code flush.ms})
 * @param durability what an acknowledgement of an append promises
 */
public record LogConfig(
        int segmentBytes,
        long segmentMs,
        long segmentJitterMs,
        int segmentIndexBytes,
        int indexIntervalBytes,
        int maxMessageBytes,
        boolean compact,
        boolean delete,
        long retentionMs,
        long retentionBytes,
        long fileDeleteDelayMs,
        long deleteRetentionMs,
        long minCompactionLagMs,
        long maxCompactionLagMs,
        double minCleanableDirtyRatio,
        Optional<Compression> compression,
        int compressionLevel,
        TimestampType timestampType,
        long timestampBeforeMaxMs,
        long timestampAfterMaxMs,
        long flushMessages,
        long flushMs,
        boolean preallocate,
        Durability durability) {

    public static final LogConfig DEFAULTS = builder().build();

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts from this configuration. */
    public Builder with() {
        return new Builder()
                .segmentBytes(segmentBytes)
                .segmentMs(segmentMs)
                .segmentJitterMs(segmentJitterMs)
                .segmentIndexBytes(segmentIndexBytes)
                .indexIntervalBytes(indexIntervalBytes)
                .maxMessageBytes(maxMessageBytes)
                .compact(compact)
                .delete(delete)
                .retentionMs(retentionMs)
                .retentionBytes(retentionBytes)
                .fileDeleteDelayMs(fileDeleteDelayMs)
                .deleteRetentionMs(deleteRetentionMs)
                .minCompactionLagMs(minCompactionLagMs)
                .maxCompactionLagMs(maxCompactionLagMs)
                .minCleanableDirtyRatio(minCleanableDirtyRatio)
                .compression(compression)
                .compressionLevel(compressionLevel)
                .timestampType(timestampType)
                .timestampBeforeMaxMs(timestampBeforeMaxMs)
                .timestampAfterMaxMs(timestampAfterMaxMs)
                .flushMessages(flushMessages)
                .flushMs(flushMs)
                .preallocate(preallocate)
                .durability(durability);
    }

    /** Time after which the active segment is rolled: a compacted topic rolls early enough to be cleaned in time. */
    public long rollMs() {
        return compact && maxCompactionLagMs > 0 ? Math.min(maxCompactionLagMs, segmentMs) : segmentMs;
    }

    /** Sets single fields over Kafka's defaults. Not thread-safe. */
    public static final class Builder {
        private int segmentBytes = 1 << 30;
        private long segmentMs = 7 * 24 * 3_600_000L;
        private long segmentJitterMs = 0;
        private int segmentIndexBytes = 10 << 20;
        private int indexIntervalBytes = 4096;
        private int maxMessageBytes = (1 << 20) + 12;
        private boolean compact = false;
        private boolean delete = true;
        private long retentionMs = 7 * 24 * 3_600_000L;
        private long retentionBytes = -1;
        private long fileDeleteDelayMs = 60_000;
        private long deleteRetentionMs = 24 * 3_600_000L;
        private long minCompactionLagMs = 0;
        private long maxCompactionLagMs = Long.MAX_VALUE;
        private double minCleanableDirtyRatio = 0.5;
        private Optional<Compression> compression = Optional.empty();
        private int compressionLevel = 0;
        private TimestampType timestampType = TimestampType.CREATE_TIME;
        private long timestampBeforeMaxMs = Long.MAX_VALUE;
        private long timestampAfterMaxMs = 3_600_000L;
        private long flushMessages = Long.MAX_VALUE;
        private long flushMs = Long.MAX_VALUE;
        private boolean preallocate = false;
        private Durability durability = Durability.REPLICATED;

        private Builder() {}

        public Builder segmentBytes(int segmentBytes) {
            this.segmentBytes = segmentBytes;
            return this;
        }

        public Builder segmentMs(long segmentMs) {
            this.segmentMs = segmentMs;
            return this;
        }

        public Builder segmentJitterMs(long segmentJitterMs) {
            this.segmentJitterMs = segmentJitterMs;
            return this;
        }

        public Builder segmentIndexBytes(int segmentIndexBytes) {
            this.segmentIndexBytes = segmentIndexBytes;
            return this;
        }

        public Builder indexIntervalBytes(int indexIntervalBytes) {
            this.indexIntervalBytes = indexIntervalBytes;
            return this;
        }

        public Builder maxMessageBytes(int maxMessageBytes) {
            this.maxMessageBytes = maxMessageBytes;
            return this;
        }

        public Builder compact(boolean compact) {
            this.compact = compact;
            return this;
        }

        public Builder delete(boolean delete) {
            this.delete = delete;
            return this;
        }

        public Builder retentionMs(long retentionMs) {
            this.retentionMs = retentionMs;
            return this;
        }

        public Builder retentionBytes(long retentionBytes) {
            this.retentionBytes = retentionBytes;
            return this;
        }

        public Builder fileDeleteDelayMs(long fileDeleteDelayMs) {
            this.fileDeleteDelayMs = fileDeleteDelayMs;
            return this;
        }

        public Builder deleteRetentionMs(long deleteRetentionMs) {
            this.deleteRetentionMs = deleteRetentionMs;
            return this;
        }

        public Builder minCompactionLagMs(long minCompactionLagMs) {
            this.minCompactionLagMs = minCompactionLagMs;
            return this;
        }

        public Builder maxCompactionLagMs(long maxCompactionLagMs) {
            this.maxCompactionLagMs = maxCompactionLagMs;
            return this;
        }

        public Builder minCleanableDirtyRatio(double minCleanableDirtyRatio) {
            this.minCleanableDirtyRatio = minCleanableDirtyRatio;
            return this;
        }

        public Builder compression(Optional<Compression> compression) {
            this.compression = compression;
            return this;
        }

        public Builder compressionLevel(int compressionLevel) {
            this.compressionLevel = compressionLevel;
            return this;
        }

        public Builder timestampType(TimestampType timestampType) {
            this.timestampType = timestampType;
            return this;
        }

        public Builder timestampBeforeMaxMs(long timestampBeforeMaxMs) {
            this.timestampBeforeMaxMs = timestampBeforeMaxMs;
            return this;
        }

        public Builder timestampAfterMaxMs(long timestampAfterMaxMs) {
            this.timestampAfterMaxMs = timestampAfterMaxMs;
            return this;
        }

        public Builder flushMessages(long flushMessages) {
            this.flushMessages = flushMessages;
            return this;
        }

        public Builder flushMs(long flushMs) {
            this.flushMs = flushMs;
            return this;
        }

        public Builder preallocate(boolean preallocate) {
            this.preallocate = preallocate;
            return this;
        }

        public Builder durability(Durability durability) {
            this.durability = durability;
            return this;
        }

        public LogConfig build() {
            return new LogConfig(
                    segmentBytes,
                    segmentMs,
                    segmentJitterMs,
                    segmentIndexBytes,
                    indexIntervalBytes,
                    maxMessageBytes,
                    compact,
                    delete,
                    retentionMs,
                    retentionBytes,
                    fileDeleteDelayMs,
                    deleteRetentionMs,
                    minCompactionLagMs,
                    maxCompactionLagMs,
                    minCleanableDirtyRatio,
                    compression,
                    compressionLevel,
                    timestampType,
                    timestampBeforeMaxMs,
                    timestampAfterMaxMs,
                    flushMessages,
                    flushMs,
                    preallocate,
                    durability);
        }
    }
}
