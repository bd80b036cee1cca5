package io.barnabas.storage.compaction;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.log.StoredLogs;

/** What was written to a log that is compacted, and so what must be found in it. */
final class WrittenBatches {
    private static final int IN_FLIGHT = 5;

    private final List<Written> batches = new ArrayList<>();
    /** Where the log ended after the last power loss, perhaps behind a hole. */
    private long foundEnd;

    /** A batch as it was written, with its offsets. */
    record Written(ByteBuffer bytes, boolean marker, boolean commit) {
        long base() {
            return bytes.getLong(0);
        }

        long last() {
            return StoredLogs.lastOffset(bytes);
        }

        RecordBatch batch() {
            return new RecordBatch().wrap(bytes, 0);
        }
    }

    record Value(long offset, String value) {}

    /**
     * What some batches hold.
     *
     * @param latest the value of each key
     * @param all every record, by offset
     */
    record Contents(Map<String, Value> latest, Map<Long, String> all) {
        Contents() {
            this(new TreeMap<>(), new HashMap<>());
        }

        /** @param aborted offsets of records that count for nothing */
        void add(RecordBatch batch, Set<Long> aborted) {
            for (var record : batch.records()) {
                if (batch.isControl()) {
                    all.put(record.offset(), "marker");
                    continue;
                }
                var key = text(record.key());
                var value = record.hasValue() ? text(record.value()) : null;
                all.put(record.offset(), key + "=" + value + "@" + record.timestamp());
                if (aborted.contains(record.offset())) {
                    continue;
                }
                if (value == null) {
                    latest.remove(key);
                } else {
                    latest.put(key, new Value(record.offset(), value));
                }
            }
        }

        private static String text(ByteBuffer bytes) {
            return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
        }
    }

    int count() {
        return batches.size();
    }

    /** The last but so many. */
    Written fromEnd(int back) {
        return batches.get(batches.size() - 1 - back);
    }

    void add(ByteBuffer bytes, boolean marker, boolean commit) {
        batches.add(new Written(bytes.duplicate(), marker, commit));
    }

    long end() {
        return Math.max(foundEnd, batches.isEmpty() ? 0 : fromEnd(0).last() + 1);
    }

    /** The log was truncated, or found, to end at an offset. */
    void endAt(long offset) {
        batches.removeIf(batch -> batch.last() >= offset);
        foundEnd = Math.min(foundEnd, offset);
    }

    /**
     * A power loss may take what was never flushed out of the middle, where segments were written back in another order. Gaps are
     * no sign of that in a compacted log, so, as in Kafka, what comes after stays.
     *
     * @param isLeft of a batch by its base offset
     */
    void forgetHoles(long flushed, Predicate<Long> isLeft, long end) {
        batches.removeIf(batch -> batch.base() >= flushed && !isLeft.test(batch.base()));
        foundEnd = end;
    }

    private Written lastOf(long producerId) {
        for (int i = batches.size() - 1; i >= 0; i--) {
            if (!batches.get(i).marker() && batches.get(i).batch().producerId() == producerId) {
                return batches.get(i);
            }
        }
        return null;
    }

    int nextSequence(long producerId) {
        var last = lastOf(producerId);
        return last == null ? 0 : last.batch().lastSequence() + 1;
    }

    /** Whether the producer has a transaction open. */
    boolean isOpen(long producerId) {
        for (int i = batches.size() - 1; i >= 0; i--) {
            if (batches.get(i).batch().producerId() == producerId) {
                return !batches.get(i).marker();
            }
        }
        return false;
    }

    /** @param aborted {@link #abortedOffsets} */
    Contents contents(Set<Long> aborted) {
        var contents = new Contents();
        for (var each : batches) {
            contents.add(each.batch(), aborted);
        }
        return contents;
    }

    /** Offsets of records whose transaction was aborted. */
    Set<Long> abortedOffsets() {
        var open = new HashMap<Long, Set<Long>>();
        var aborted = new HashSet<Long>();
        for (var each : batches) {
            var batch = each.batch();
            if (each.marker()) {
                var offsets = open.remove(batch.producerId());
                if (!each.commit() && offsets != null) {
                    aborted.addAll(offsets);
                }
            } else if (batch.isTransactional()) {
                var offsets = open.computeIfAbsent(batch.producerId(), id -> new HashSet<>());
                for (long offset = batch.baseOffset(); offset <= batch.lastOffset(); offset++) {
                    offsets.add(offset);
                }
            }
        }
        return aborted;
    }

    /**
     * The batches of a producer of which a retry is known, newest first: its last one, whatever happened since, and those before it, up
     * to the first that compaction took away.
     *
     * @param left base offsets of what is in the log
     */
    List<Written> known(long producerId, Set<Long> left) {
        var known = new ArrayList<Written>();
        Written next = null;
        for (int i = batches.size() - 1; i >= 0 && known.size() < IN_FLIGHT; i--) {
            var each = batches.get(i);
            if (each.marker() || each.batch().producerId() != producerId) {
                continue;
            }
            boolean follows = next == null
                    || left.contains(each.base())
                            && each.batch().lastSequence() + 1 == next.batch().baseSequence();
            if (!follows) {
                break;
            }
            known.add(each);
            next = each;
        }
        return known;
    }
}
