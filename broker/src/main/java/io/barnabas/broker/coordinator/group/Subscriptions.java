package io.barnabas.broker.coordinator.group;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

import io.barnabas.protocol.wire.MalformedMessageException;
import io.barnabas.protocol.wire.WireReader;

/**
 * Which topics a group of protocol type "consumer" subscribes to. Members' metadata is theirs; but consumers put in front: a
 * version (int16), the topics, user data. All versions begin so.
 */
final class Subscriptions {
    private Subscriptions() {}

    /** Null if the group is of another type, has no protocol yet, or a member's metadata is of another shape. */
    static Set<String> of(ClassicGroup group) {
        if (!group.usesConsumerProtocol()) {
            return null;
        }
        if (group.size() == 0) {
            return Set.of();
        }
        if (group.protocolName() == null) {
            return null;
        }
        var topics = new HashSet<String>();
        try {
            for (var member : group.members()) {
                read(member.metadata(group.protocolName()), topics);
            }
        } catch (MalformedMessageException e) {
            return null;
        }
        return topics;
    }

    private static void read(byte[] metadata, Set<String> topics) {
        var reader = new WireReader(ByteBuffer.wrap(metadata));
        if (reader.int16() < 0) {
            throw new MalformedMessageException("A subscription's version is not negative");
        }
        int count = reader.arrayLength(false);
        for (int i = 0; i < count; i++) {
            topics.add(reader.string(false));
        }
        reader.nullableBytes(false);
    }
}
