package io.barnabas.storage.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.Uuid;

/**
 * One entry of a journal: batches appended to a partition, with their offsets, or an offset that it was cut at.
 *
 * <p>Format, big-endian: size int32 of what follows · CRC-32C int32 of the entry from the topic id on, mixed with the sequence ·
 * sequence int64 of the file · topic id 2 × int64 · partition int32 · cut offset int64, −1 for none · topic int16 length, UTF-8 · batches. The sequence tells entries
 * from older ones in a file that is used again.
 *
 * @param cutOffset what was written before at and above it is void; {@link #NO_CUT} if there are batches
 */
record JournalEntry(TopicIdPartition partition, long cutOffset, ByteBuffer batches) {
    static final long NO_CUT = -1;

    /** Enough to know how long an entry is and whether it is of this file. */
    static final int START_BYTES = 16;

    private static final int SIZE_BYTES = Integer.BYTES;
    private static final int CRC_AT = 4;
    private static final int SEQUENCE_AT = 8;
    private static final int TOPIC_ID_AT = 16;
    private static final int TOPIC_AT = 46;

    /** Everything before the batches, but for the sequence and what depends on it. */
    static ByteBuffer head(TopicIdPartition partition, long cutOffset, int batchesBytes) {
        byte[] topic = partition.topic().getBytes(StandardCharsets.UTF_8);
        var head = ByteBuffer.allocate(TOPIC_AT + topic.length);
        head.putInt(head.capacity() - SIZE_BYTES + batchesBytes);
        head.position(TOPIC_ID_AT);
        head.putLong(partition.topicId().mostSignificantBits())
                .putLong(partition.topicId().leastSignificantBits())
                .putInt(partition.partition())
                .putLong(cutOffset)
                .putShort((short) topic.length)
                .put(topic);
        return head.flip();
    }

    /** The checksum of a head and its batches, of any file. */
    static int crc(ByteBuffer head, List<ByteBuffer> batches) {
        var crc = new CRC32C();
        crc.update(head.duplicate().position(TOPIC_ID_AT));
        batches.forEach(batch -> crc.update(batch.duplicate()));
        return (int) crc.getValue();
    }

    /** Fills in the file at last. */
    static void seal(ByteBuffer head, int crc, long sequence) {
        head.putInt(CRC_AT, mixed(crc, sequence)).putLong(SEQUENCE_AT, sequence);
    }

    private static int mixed(int crc, long sequence) {
        return crc ^ Long.hashCode(sequence);
    }

    /** All bytes of the entry that begins like this; 0 if none of this file does. */
    static int sizeBytes(ByteBuffer start, long sequence) {
        int rest = start.getInt(0);
        return start.getLong(SEQUENCE_AT) == sequence
                        && rest >= TOPIC_AT - SIZE_BYTES
                        && rest < Integer.MAX_VALUE - SIZE_BYTES
                ? SIZE_BYTES + rest
                : 0;
    }

    /** Null if these bytes, which begin with the size, are no entry of the file. */
    static JournalEntry read(ByteBuffer bytes, long sequence) {
        if (bytes.remaining() < TOPIC_AT || bytes.getLong(SEQUENCE_AT) != sequence) {
            return null;
        }
        var crc = new CRC32C();
        crc.update(bytes.duplicate().position(TOPIC_ID_AT));
        if (bytes.getInt(CRC_AT) != mixed((int) crc.getValue(), sequence)) {
            return null;
        }
        bytes.position(TOPIC_ID_AT);
        var topicId = new Uuid(bytes.getLong(), bytes.getLong());
        int partition = bytes.getInt();
        long cutOffset = bytes.getLong();
        byte[] topic = new byte[bytes.getShort()];
        bytes.get(topic);
        return new JournalEntry(
                new TopicIdPartition(topicId, new String(topic, StandardCharsets.UTF_8), partition),
                cutOffset,
                bytes.slice());
    }
}
