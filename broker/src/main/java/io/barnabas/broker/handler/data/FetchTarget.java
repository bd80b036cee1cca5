package io.barnabas.broker.handler.data;

import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.FetchRequest.FetchPartition;

/**
 * One partition that a client fetches, with what the client was last told about it. Guarded by its session, if it is in one;
 * otherwise used by one request.
 */
final class FetchTarget {
    private final Key key;
    private String topic;
    private long offset;
    private int maxBytes;
    private int leaderEpoch;
    private int lastFetchedEpoch;
    private long toldHighWatermark = -1;
    private long toldLogStartOffset = -1;

    FetchTarget(Key key, String topic) {
        this.key = key;
        this.topic = topic;
    }

    /** Takes over what the client asks of the partition now. */
    FetchTarget asked(FetchPartition partition) {
        offset = partition.fetchOffset();
        maxBytes = partition.partitionMaxBytes();
        leaderEpoch = partition.currentLeaderEpoch();
        lastFetchedEpoch = partition.lastFetchedEpoch();
        return this;
    }

    Key key() {
        return key;
    }

    Uuid topicId() {
        return key.topicId;
    }

    /** Null while the topic id is unknown. */
    String topic() {
        return topic;
    }

    void topic(String topic) {
        this.topic = topic;
    }

    int partition() {
        return key.partition;
    }

    long offset() {
        return offset;
    }

    int maxBytes() {
        return maxBytes;
    }

    /** -1 if the client gave none. */
    int leaderEpoch() {
        return leaderEpoch;
    }

    /** -1 if the client gave none: only replicas do. */
    int lastFetchedEpoch() {
        return lastFetchedEpoch;
    }

    /** Whether an incremental answer must mention the partition; remembers what is told now. */
    boolean tells(FetchedPartition fetched) {
        boolean tells = fetched.sizeBytes() > 0 || fetched.failed() || fetched.diverges();
        if (toldHighWatermark != fetched.highWatermark()) {
            toldHighWatermark = fetched.highWatermark();
            tells = true;
        }
        if (toldLogStartOffset != fetched.logStartOffset()) {
            toldLogStartOffset = fetched.logStartOffset();
            tells = true;
        }
        if (fetched.failed()) {
            // So that the partition is mentioned again once the error has gone.
            toldHighWatermark = -1;
        }
        return tells;
    }

    /**
     * What names the partition within a session.
     *
     * @param topicId ZERO below v13
     * @param topic null from v13 on
     */
    record Key(Uuid topicId, String topic, int partition) {}
}
