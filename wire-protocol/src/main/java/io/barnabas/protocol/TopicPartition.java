package io.barnabas.protocol;

/** A partition by the name of its topic. Sorted by name, then number. */
public record TopicPartition(String topic, int partition) implements Comparable<TopicPartition> {
    @Override
    public int compareTo(TopicPartition other) {
        int byTopic = topic.compareTo(other.topic);
        return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
    }

    @Override
    public int hashCode() {
        return 31 * topic.hashCode() + partition;
    }

    /** Also the name of the partition's directory. */
    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
