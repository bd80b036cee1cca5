package io.barnabas.broker.coordinator.group;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One number for all that an assignment depends on in a group's topics (ids, names, partitions, racks), equal to Kafka's, so that a
 * change is noticed even by another coordinator. Remembers the hash of each topic as long as topics do not change.
 */
final class TopicHashes {
    private static final byte MAGIC = 0;

    private final Map<String, Long> known = new HashMap<>();
    private long knownVersion = -1;

    /** @param names topics subscribed to; those that do not exist do not count */
    long of(Collection<String> names, Topics topics) {
        if (topics.changeVersion() != knownVersion) {
            known.clear();
            knownVersion = topics.changeVersion();
        }
        var existing = new ArrayList<TopicFacts>();
        for (String name : names) {
            var topic = topics.byName(name);
            if (topic != null) {
                existing.add(topic);
            }
        }
        if (existing.isEmpty()) {
            return 0;
        }
        existing.sort((a, b) -> a.name().compareTo(b.name()));
        var hashes = littleEndian(Long.BYTES * existing.size());
        for (var topic : existing) {
            hashes.putLong(known.computeIfAbsent(topic.name(), missing -> hash(topic)));
        }
        return Xxh3.hash(hashes.array());
    }

    private static long hash(TopicFacts topic) {
        var racks = new ArrayList<List<String>>(topic.partitionCount());
        int sizeBytes = 1 + 2 * Long.BYTES + sizeBytes(topic.name()) + Integer.BYTES;
        for (int partition = 0; partition < topic.partitionCount(); partition++) {
            var sorted = new ArrayList<>(topic.racks().apply(partition));
            sorted.sort(null);
            racks.add(sorted);
            sizeBytes += Integer.BYTES;
            for (String rack : sorted) {
                sizeBytes += Integer.BYTES + sizeBytes(rack);
            }
        }
        var bytes = littleEndian(sizeBytes)
                .put(MAGIC)
                .putLong(topic.id().mostSignificantBits())
                .putLong(topic.id().leastSignificantBits());
        put(bytes, topic.name());
        bytes.putInt(topic.partitionCount());
        for (int partition = 0; partition < racks.size(); partition++) {
            bytes.putInt(partition);
            for (String rack : racks.get(partition)) {
                bytes.putInt(rack.length());
                put(bytes, rack);
            }
        }
        return Xxh3.hash(bytes.array());
    }

    /** Two bytes for each char, and their number. */
    private static int sizeBytes(String text) {
        return Character.BYTES * text.length() + Integer.BYTES;
    }

    private static void put(ByteBuffer bytes, String text) {
        for (int i = 0; i < text.length(); i++) {
            bytes.putChar(text.charAt(i));
        }
        bytes.putInt(text.length());
    }

    private static ByteBuffer littleEndian(int sizeBytes) {
        return ByteBuffer.allocate(sizeBytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
