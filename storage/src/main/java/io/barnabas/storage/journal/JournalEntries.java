package io.barnabas.storage.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.protocol.TopicIdPartition;

/** Entries to be written to one journal together. One thread at a time. */
public final class JournalEntries {
    private final List<Journaled> logs = new ArrayList<>();
    private final List<ByteBuffer> heads = new ArrayList<>();
    private final List<Integer> checksums = new ArrayList<>();
    private final List<ByteBuffer> buffers = new ArrayList<>();

    /**
     * What was appended to a log. Its segment has it already.
     *
     * @param batches with their offsets; they must stay as they are until the entries are committed
     */
    public void add(Journaled log, TopicIdPartition partition, List<ByteBuffer> batches) {
        logs.add(log);
        put(partition, JournalEntry.NO_CUT, batches);
    }

    /** What was journalled of a partition at and above an offset is void. */
    static JournalEntries cut(TopicIdPartition partition, long offset) {
        var entries = new JournalEntries();
        entries.put(partition, offset, List.of());
        return entries;
    }

    private void put(TopicIdPartition partition, long cutOffset, List<ByteBuffer> batches) {
        int sizeBytes = 0;
        for (var batch : batches) {
            sizeBytes = Math.addExact(sizeBytes, batch.remaining());
        }
        var head = JournalEntry.head(partition, cutOffset, sizeBytes);
        heads.add(head);
        checksums.add(JournalEntry.crc(head, batches));
        buffers.add(head);
        buffers.addAll(batches);
    }

    public boolean isEmpty() {
        return heads.isEmpty();
    }

    List<Journaled> logs() {
        return logs;
    }

    /** All bytes, for a file of this sequence. */
    ByteBuffer[] sealed(long sequence) {
        for (int i = 0; i < heads.size(); i++) {
            JournalEntry.seal(heads.get(i), checksums.get(i), sequence);
        }
        return buffers.toArray(ByteBuffer[]::new);
    }
}
