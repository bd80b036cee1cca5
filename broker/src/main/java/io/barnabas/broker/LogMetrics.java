package io.barnabas.broker;

import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import io.barnabas.broker.controlplane.Compaction;
import io.barnabas.broker.partition.Partition;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.telemetry.Family;
import io.barnabas.broker.telemetry.Telemetry;
import io.barnabas.storage.log.LogStore;

/**
 * What is told of logs, log directories and compaction, under Kafka's names. All of it is read from what is there anyway when somebody
 * asks; a log costs nothing for being listed.
 */
final class LogMetrics {
    /** Above this number of partitions, a page would be megabytes long: topics are listed in their place. */
    static final int MOST_PARTITIONS = 5_000;

    private static final String LOG = "kafka_log_log_";
    private static final String FLUSHES = "kafka_log_logflushstats_logflushrateandtimems";
    private static final String CLEANER = "kafka_log_logcleaner_";
    private static final String CLEANER_MANAGER = "kafka_log_logcleanermanager_";

    private final Telemetry telemetry;

    private LogMetrics(Telemetry telemetry) {
        this.telemetry = telemetry;
    }

    /** @param compaction null if it is switched off */
    static void register(Telemetry telemetry, LogStore logs, Partitions partitions, Compaction compaction) {
        var metrics = new LogMetrics(telemetry);
        metrics.directories(logs);
        telemetry.source(() -> logs(partitions));
        if (compaction != null) {
            metrics.compaction(compaction, logs);
        }
    }

    private void directories(LogStore logs) {
        telemetry.gauge(
                "kafka_log_logmanager_offlinelogdirectorycount",
                "Log directories that have failed",
                () -> logs.offline().size());
        telemetry.gauge(
                "kafka_log_logmanager_cordonedlogdirectorycount",
                "Log directories that take no new replicas",
                () -> logs.cordoned().size());
        for (var directory : logs.directories()) {
            telemetry.gauge(
                    "kafka_log_logmanager_logdirectorycordoned",
                    "1 for a log directory that takes no new replicas",
                    () -> directory.isCordoned() ? 1 : 0,
                    "logDirectory",
                    directory.toString());
            telemetry.gauge(
                    "kafka_log_logmanager_logdirectoryoffline",
                    "1 for a log directory that has failed",
                    () -> directory.isOnline() ? 0 : 1,
                    "logDirectory",
                    directory.toString());
        }
        telemetry.source(() -> flushes(logs));
    }

    private static List<Family> flushes(LogStore logs) {
        long count = 0;
        long sumNanos = 0;
        for (var directory : logs.directories()) {
            count += directory.flushTimes().count();
            sumNanos += directory.flushTimes().sumNanos();
        }
        return List.of(
                Family.untyped(FLUSHES + "_count", "Flushes of logs and of the journal")
                        .add(count),
                Family.untyped(FLUSHES + "_sum", "Milliseconds they took")
                        .add(sumNanos / (double) TimeUnit.MILLISECONDS.toNanos(1)));
    }

    private static List<Family> logs(Partitions partitions) {
        return partitions.all().size() > MOST_PARTITIONS ? ofTopics(partitions) : ofPartitions(partitions);
    }

    private static List<Family> ofPartitions(Partitions partitions) {
        var size = Family.gauge(LOG + "size", "Bytes of a partition", "topic", "partition");
        var segments = Family.gauge(LOG + "numlogsegments", "Segments of a partition", "topic", "partition");
        var start = Family.gauge(LOG + "logstartoffset", "First offset of a partition", "topic", "partition");
        var end = Family.gauge(LOG + "logendoffset", "Offset after the last record", "topic", "partition");
        for (Partition partition : partitions.all()) {
            var name = partition.name();
            var number = Integer.toString(name.partition());
            var view = partition.log().view();
            size.add(view.sizeBytes(), name.topic(), number);
            segments.add(view.segmentCount(), name.topic(), number);
            start.add(view.logStartOffset(), name.topic(), number);
            end.add(view.logEndOffset(), name.topic(), number);
        }
        return List.of(size, segments, start, end);
    }

    private static List<Family> ofTopics(Partitions partitions) {
        var size = Family.gauge(LOG + "size", "Bytes of a topic", "topic");
        var segments = Family.gauge(LOG + "numlogsegments", "Segments of a topic", "topic");
        var sizes = new TreeMap<String, Long>();
        var counts = new TreeMap<String, Integer>();
        for (Partition partition : partitions.all()) {
            var topic = partition.name().topic();
            var view = partition.log().view();
            sizes.merge(topic, view.sizeBytes(), Long::sum);
            counts.merge(topic, view.segmentCount(), Integer::sum);
        }
        sizes.forEach((topic, bytes) -> size.add(bytes, topic));
        counts.forEach((topic, count) -> segments.add(count, topic));
        return List.of(size, segments);
    }

    private void compaction(Compaction compaction, LogStore logs) {
        var compactor = compaction.compactor();
        telemetry.gauge(
                CLEANER + "max_buffer_utilization_percent", "How full the key map of the last compaction was", () ->
                        (int) (100 * compactor.stats().bufferUtilization()));
        telemetry.gauge(
                CLEANER + "cleaner_recopy_percent",
                "How much of what the last compactions read was written again",
                () -> compactor.stats().recopyPercent());
        telemetry.gauge(CLEANER + "max_clean_time_secs", "What the longest of the last compactions took", () ->
                (int) compactor.stats().elapsedSecs());
        telemetry.gauge(
                CLEANER + "max_compaction_delay_secs",
                "How far a log was beyond max.compaction.lag.ms at the last compactions",
                () -> TimeUnit.MILLISECONDS.toSeconds(compactor.stats().maxDelayMs()));
        telemetry.gauge(
                CLEANER + "deadthreadcount",
                "Compaction threads that should be there and are not",
                compaction::deadThreads);
        telemetry.gauge(
                CLEANER_MANAGER + "max_dirty_percent",
                "Of the dirtiest log when one was last looked for",
                compactor::maxDirtyPercent);
        telemetry.gauge(
                CLEANER_MANAGER + "time_since_last_run_ms",
                "Since a log to compact was last looked for",
                () -> System.currentTimeMillis() - compactor.lastRunMs());
        for (var directory : logs.directories()) {
            telemetry.gauge(
                    CLEANER_MANAGER + "uncleanable_partitions_count",
                    "Logs that cannot be compacted and are left as they are",
                    () -> compactor.uncleanable(directory).count(),
                    "logDirectory",
                    directory.toString());
            telemetry.gauge(
                    CLEANER_MANAGER + "uncleanable_bytes",
                    "What they would compact",
                    () -> compactor.uncleanable(directory).bytes(),
                    "logDirectory",
                    directory.toString());
        }
    }
}
