package io.barnabas.storage.dir;

import java.util.Optional;
import java.util.UUID;

import io.barnabas.protocol.TopicPartition;

/** Directory names of partitions, as Kafka writes them: {@code <topic>-<partition>} with an optional state suffix. */
public final class PartitionDirectory {
    /** Deleted by name already, to be deleted with its files after a delay. */
    public static final String DELETE_SUFFIX = "-delete";
    /** A replica being copied from another log directory. */
    public static final String FUTURE_SUFFIX = "-future";
    /** Found at start without belonging to this broker. */
    public static final String STRAY_SUFFIX = "-stray";

    private static final int MAX_NAME_LENGTH = 255;

    private PartitionDirectory() {}

    public static String name(TopicPartition partition) {
        return partition.topic() + "-" + partition.partition();
    }

    /** A new unique name for a directory that is about to be deleted. */
    public static String deleteName(TopicPartition partition) {
        return suffixed(partition, DELETE_SUFFIX);
    }

    /** A new unique name for a directory that belongs to nobody. */
    public static String strayName(TopicPartition partition) {
        return suffixed(partition, STRAY_SUFFIX);
    }

    /** A new unique name for the directory that a log is copied to; longer than a file's name may be if the topic's is too long. */
    public static String futureName(TopicPartition partition) {
        return name(partition) + uniquePart(FUTURE_SUFFIX);
    }

    /** The partition whose copy a directory of this name holds; empty for all other names. */
    public static Optional<TopicPartition> parseFuture(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 1 || !name.endsWith(FUTURE_SUFFIX) ? Optional.empty() : parse(name.substring(0, dot));
    }

    /** Whether the name of a partition's topic leaves room for {@link #futureName}. */
    public static boolean mayMove(TopicPartition partition) {
        return futureName(partition).length() <= MAX_NAME_LENGTH;
    }

    private static String uniquePart(String suffix) {
        return "." + UUID.randomUUID().toString().replace("-", "") + suffix;
    }

    private static String suffixed(TopicPartition partition, String suffix) {
        var ownPart = "-" + partition.partition() + uniquePart(suffix);
        int room = MAX_NAME_LENGTH - ownPart.length();
        var topic = partition.topic();
        return (topic.length() > room ? topic.substring(0, room) : topic) + ownPart;
    }

    public static boolean isSuffixed(String name) {
        return name.endsWith(DELETE_SUFFIX) || name.endsWith(FUTURE_SUFFIX) || name.endsWith(STRAY_SUFFIX);
    }

    /** The partition of a plain directory name; empty if the name is not of that form. */
    public static Optional<TopicPartition> parse(String name) {
        int dash = name.lastIndexOf('-');
        if (dash < 1 || dash == name.length() - 1 || isSuffixed(name)) {
            return Optional.empty();
        }
        try {
            int partition = Integer.parseInt(name.substring(dash + 1));
            return partition < 0 || name.charAt(dash + 1) == '+'
                    ? Optional.empty()
                    : Optional.of(new TopicPartition(name.substring(0, dash), partition));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
