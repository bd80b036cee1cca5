package io.barnabas.metadata.image;

import java.util.List;

import io.barnabas.protocol.Uuid;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/** One topic and its partitions 0..n-1. Immutable; a change costs O(log n). */
public final class TopicImage {
    private final Uuid id;
    private final String name;
    private final PVector<PartitionImage> partitions;

    TopicImage(Uuid id, String name) {
        this(id, name, TreePVector.empty());
    }

    private TopicImage(Uuid id, String name, PVector<PartitionImage> partitions) {
        this.id = id;
        this.name = name;
        this.partitions = partitions;
    }

    public Uuid id() {
        return id;
    }

    public String name() {
        return name;
    }

    /** By partition number. */
    public List<PartitionImage> partitions() {
        return partitions;
    }

    /** Null if the topic has no such partition. */
    public PartitionImage partition(int partition) {
        return partition >= 0 && partition < partitions.size() ? partitions.get(partition) : null;
    }

    public int partitionCount() {
        return partitions.size();
    }

    /** How many replicas each partition has; 0 while the topic has no partition. */
    public int replicationFactor() {
        return partitions.isEmpty() ? 0 : partitions.get(0).replicas().size();
    }

    TopicImage with(PartitionImage partition) {
        int number = partition.partition();
        if (number < 0 || number > partitions.size()) {
            throw new MetadataException("Partition " + number + " of topic " + name + " comes after partition "
                    + (partitions.size() - 1) + ": the metadata log is damaged.");
        }
        return new TopicImage(
                id,
                name,
                number == partitions.size() ? partitions.plus(partition) : partitions.with(number, partition));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TopicImage that
                && id.equals(that.id)
                && name.equals(that.name)
                && partitions.equals(that.partitions);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return name + "(" + id + ", " + partitions.size() + " partitions)";
    }
}
