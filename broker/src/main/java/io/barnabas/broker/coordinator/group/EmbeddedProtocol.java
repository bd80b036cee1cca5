package io.barnabas.broker.coordinator.group;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.barnabas.protocol.message.ConsumerProtocolAssignment;
import io.barnabas.protocol.message.ConsumerProtocolSubscription;
import io.barnabas.protocol.wire.MalformedMessageException;
import io.barnabas.protocol.wire.WireReader;
import io.barnabas.protocol.wire.WireWriter;

/**
 * What consumers of the classic protocol say to each other through the broker: a version (int16), then a subscription or an
 * assignment. Versions newer than known begin like the newest known. Stateless.
 */
final class EmbeddedProtocol {
    private EmbeddedProtocol() {}

    /** @throws MalformedMessageException if the bytes are no subscription */
    static ConsumerProtocolSubscription subscription(byte[] metadata) {
        var reader = new WireReader(ByteBuffer.wrap(metadata));
        short version = version(reader, ConsumerProtocolSubscription.HIGHEST_VERSION);
        return ConsumerProtocolSubscription.read(reader, version);
    }

    /** @throws MalformedMessageException if the bytes are no assignment */
    static ConsumerProtocolAssignment assignment(byte[] assignment) {
        var reader = new WireReader(ByteBuffer.wrap(assignment));
        short version = version(reader, ConsumerProtocolAssignment.HIGHEST_VERSION);
        return ConsumerProtocolAssignment.read(reader, version);
    }

    private static short version(WireReader reader, short highest) {
        short version = reader.int16();
        if (version < 0) {
            throw new MalformedMessageException("A version is not negative: " + version);
        }
        return version > highest ? highest : version;
    }

    /** In the version that a member wrote its subscription in; topics that are gone are left out. */
    static <C extends Collection<Integer>> byte[] assignment(
            Map<Uuid, C> partitions, byte[] subscription, Topics topics) {
        var assignment = new ConsumerProtocolAssignment();
        partitions.forEach((id, numbers) -> {
            var topic = topics.byId(id);
            if (topic != null) {
                assignment
                        .assignedPartitions()
                        .add(new ConsumerProtocolAssignment.TopicPartition()
                                .topic(topic.name())
                                .partitions(new ArrayList<>(numbers)));
            }
        });
        short version =
                version(new WireReader(ByteBuffer.wrap(subscription)), ConsumerProtocolAssignment.HIGHEST_VERSION);
        var writer = new WireWriter();
        writer.int16(version);
        assignment.write(writer, version);
        return writer.toByteArray();
    }

    /** Topics and partitions that are gone are left out: the names may be those of new topics. */
    static Map<Uuid, Set<Integer>> partitions(ConsumerProtocolAssignment assignment, Topics topics) {
        var partitions = new HashMap<Uuid, Set<Integer>>();
        for (var assigned : assignment.assignedPartitions()) {
            var topic = topics.byName(assigned.topic());
            if (topic != null) {
                var existing = new HashSet<>(assigned.partitions());
                existing.removeIf(partition -> partition < 0 || partition >= topic.partitionCount());
                if (!existing.isEmpty()) {
                    partitions.put(topic.id(), existing);
                }
            }
        }
        return partitions;
    }

    /** What a member says it has; topics that are gone are left out. */
    static List<TopicPartitions> owned(ConsumerProtocolSubscription subscription, Topics topics) {
        var owned = new ArrayList<TopicPartitions>();
        for (var partitions : subscription.ownedPartitions()) {
            var topic = topics.byName(partitions.topic());
            if (topic != null) {
                owned.add(new TopicPartitions().topicId(topic.id()).partitions(partitions.partitions()));
            }
        }
        return owned;
    }
}
