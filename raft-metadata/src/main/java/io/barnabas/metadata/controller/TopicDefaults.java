package io.barnabas.metadata.controller;

/**
 * What CreateTopics takes where the client leaves it open.
 *
 * @param partitions {@code num.partitions}
 * @param replicationFactor {@code default.replication.factor}
 */
public record TopicDefaults(int partitions, short replicationFactor) {}
