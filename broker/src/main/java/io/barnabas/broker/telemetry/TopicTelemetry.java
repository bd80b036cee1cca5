package io.barnabas.broker.telemetry;

import java.util.concurrent.atomic.LongAdder;

/** Counters of one topic (kafka.server:type=BrokerTopicMetrics). Any thread, lock-free. */
public final class TopicTelemetry {

    /** What is counted, with the middle of its Prometheus name. */
    enum Count {
        MESSAGES_IN("messagesin"),
        BYTES_IN("bytesin"),
        BYTES_OUT("bytesout"),
        BYTES_REJECTED("bytesrejected"),
        PRODUCE_REQUESTS("totalproducerequests"),
        FETCH_REQUESTS("totalfetchrequests"),
        FAILED_PRODUCE_REQUESTS("failedproducerequests"),
        FAILED_FETCH_REQUESTS("failedfetchrequests"),
        REPLICATION_BYTES_IN("replicationbytesin"),
        REPLICATION_BYTES_OUT("replicationbytesout"),
        NO_KEY_IN_COMPACTED("nokeycompactedtopicrecords"),
        INVALID_CRC("invalidmessagecrcrecords"),
        INVALID_OFFSET_OR_SEQUENCE("invalidoffsetorsequencerecords");

        private final String name;

        Count(String name) {
            this.name = "kafka_server_brokertopicmetrics_" + name;
        }

        String metricName() {
            return name;
        }
    }

    private static final Count[] COUNTS = Count.values();

    private final String topic;
    private final LongAdder[] adders = new LongAdder[COUNTS.length];

    TopicTelemetry(String topic) {
        this.topic = topic;
        for (var i = 0; i < adders.length; i++) {
            adders[i] = new LongAdder();
        }
    }

    /** One partition of a produce request was appended. */
    public void appended(long records, long sizeBytes) {
        add(Count.MESSAGES_IN, records);
        add(Count.BYTES_IN, sizeBytes);
        add(Count.PRODUCE_REQUESTS, 1);
    }

    /** One partition of a produce request was refused. */
    public void appendFailed(long sizeBytes) {
        add(Count.BYTES_REJECTED, sizeBytes);
        add(Count.PRODUCE_REQUESTS, 1);
        add(Count.FAILED_PRODUCE_REQUESTS, 1);
    }

    /** One partition of a consumer's fetch was answered. */
    public void fetched(long sizeBytes) {
        add(Count.BYTES_OUT, sizeBytes);
        add(Count.FETCH_REQUESTS, 1);
    }

    public void fetchFailed() {
        add(Count.FETCH_REQUESTS, 1);
        add(Count.FAILED_FETCH_REQUESTS, 1);
    }

    public void replicatedIn(long sizeBytes) {
        add(Count.REPLICATION_BYTES_IN, sizeBytes);
    }

    public void replicatedOut(long sizeBytes) {
        add(Count.REPLICATION_BYTES_OUT, sizeBytes);
    }

    public void recordsWithoutKey(long records) {
        add(Count.NO_KEY_IN_COMPACTED, records);
    }

    public void invalidCrc(long batches) {
        add(Count.INVALID_CRC, batches);
    }

    public void invalidOffsetOrSequence(long batches) {
        add(Count.INVALID_OFFSET_OR_SEQUENCE, batches);
    }

    String topic() {
        return topic;
    }

    long value(Count count) {
        return adders[count.ordinal()].sum();
    }

    void addAll(TopicTelemetry other) {
        for (var count : COUNTS) {
            add(count, other.value(count));
        }
    }

    private void add(Count count, long amount) {
        adders[count.ordinal()].add(amount);
    }
}
