package io.barnabas.compat.programs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.common.TopicPartition;

/**
 * What the members of a group committed, over all their lives: for each partition the offsets that a member had processed without a
 * gap and then covered with one commit. A commit counts if it was acknowledged. One whose answer its member did not live to see may
 * count or not: it does if what was committed next begins where it ends. Any thread.
 */
final class CommittedRanges {
    private final Map<TopicPartition, List<Range>> acknowledged = new HashMap<>();
    private final Map<TopicPartition, List<Range>> inDoubt = new HashMap<>();

    /** @param end exclusive */
    record Range(long begin, long end, String member) {}

    synchronized void acknowledged(TopicPartition partition, Range range) {
        acknowledged.computeIfAbsent(partition, missing -> new ArrayList<>()).add(range);
    }

    synchronized void inDoubt(TopicPartition partition, Range range) {
        inDoubt.computeIfAbsent(partition, missing -> new ArrayList<>()).add(range);
    }

    /** Every offset from 0 to {@code end} was committed as processed exactly once. */
    synchronized void assertEachOnce(TopicPartition partition, long end) {
        var ranges = new ArrayList<>(acknowledged.getOrDefault(partition, List.of()));
        ranges.sort(Comparator.comparingLong(Range::begin).thenComparingLong(Range::end));
        var doubtful = new ArrayList<>(inDoubt.getOrDefault(partition, List.of()));
        long next = 0;
        for (var range : ranges) {
            while (next < range.begin) {
                next = endOfDoubtful(partition, doubtful, next, range);
            }
            if (range.begin < next) {
                throw new AssertionError(partition + ": " + range + " was committed as well as what ends at " + next);
            }
            next = range.end;
        }
        while (next < end) {
            next = endOfDoubtful(partition, doubtful, next, new Range(end, end, "the end"));
        }
        if (next != end) {
            throw new AssertionError(partition + ": committed up to " + next + ", but it ends at " + end);
        }
    }

    /** Where a commit of unknown outcome ends that begins here; that it took effect is the only explanation for what follows. */
    private static long endOfDoubtful(TopicPartition partition, List<Range> doubtful, long begin, Range following) {
        for (var range : doubtful) {
            if (range.begin == begin && range.end <= following.begin) {
                doubtful.remove(range);
                return range.end;
            }
        }
        throw new AssertionError(partition + ": nobody committed " + begin + ", but then came " + following);
    }

    @Override
    public synchronized String toString() {
        return count(acknowledged) + " commits acknowledged, " + count(inDoubt) + " in doubt";
    }

    private static long count(Map<TopicPartition, List<Range>> ranges) {
        return ranges.values().stream().mapToLong(List::size).sum();
    }
}
