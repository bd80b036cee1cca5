package io.barnabas.protocol;

/** A partition by the id and name of its topic; the id tells a topic from an earlier one of the same name. */
public record TopicIdPartition(Uuid topicId, String topic, int partition) {
    public TopicPartition topicPartition() {
        return new TopicPartition(topic, partition);
    }

    @Override
    public String toString() {
        return topicId + ":" + topic + "-" + partition;
    }
}
