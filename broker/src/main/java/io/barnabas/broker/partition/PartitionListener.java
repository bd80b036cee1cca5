package io.barnabas.broker.partition;

/** Hears when this broker begins and stops to lead a partition. Called on the partition's worker; must not block. */
public interface PartitionListener {
    /** This broker leads the partition from now on, in {@code partition.leadership().epoch()}. */
    void onLeading(Partition partition);

    /** This broker no longer leads the partition, or the partition is gone. */
    void onResigned(Partition partition);
}
