package io.barnabas.compat.programs;

import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What a broker serves.
 *
 * @param records every record in order: offset, timestamp, leader epoch, headers, key and value
 * @param ends log end offsets
 * @param offsetsByTime the answers to questions for timestamps
 * @param committed the offsets of the group
 * @param groups the groups there are
 */
record Stock(
        Map<TopicPartition, List<String>> records,
        Map<TopicPartition, Long> ends,
        Map<TopicPartition, List<String>> offsetsByTime,
        Map<TopicPartition, OffsetAndMetadata> committed,
        Set<String> groups) {}
