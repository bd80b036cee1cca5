package io.barnabas.storage.compaction;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The latest offset of each key, by a 128-bit hash of the key: 24 bytes a slot, however long the keys are. Grows with the
 * keys up to a bound. One thread.
 */
final class OffsetMap {
    static final int SLOT_BYTES = 24;

    private static final int FIRST_SLOTS = 1 << 10;
    private static final int LONGS = 3;
    private static final int MAX_SLOTS = Integer.MAX_VALUE / LONGS - 8;
    /** Above this share of used slots the map grows, as long as it may. */
    private static final double COMFORTABLE = 0.7;

    private final int maxSlots;
    private final long maxKeys;
    private final MessageDigest digest;
    private final byte[] hash = new byte[16];
    private final ByteBuffer hashed = ByteBuffer.wrap(hash).order(ByteOrder.BIG_ENDIAN);
    /** Per slot: two halves of the hash, offset + 1; offset + 1 is 0 where the slot is free. */
    private long[] slots;

    private int slotCount;
    private int size;
    private long latestOffset = -1;

    /**
     * @param maxSlots bound of the memory, see {@link #slotsIn}
     * @param maxKeys keys to take, below the slots so that a search ends soon
     */
    OffsetMap(int maxSlots, long maxKeys) {
        this.maxSlots = Math.max(2, maxSlots);
        this.maxKeys = Math.min(maxKeys, this.maxSlots - 1L);
        this.slotCount = Math.min(FIRST_SLOTS, this.maxSlots);
        this.slots = new long[slotCount * LONGS];
        try {
            digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has MD5", e);
        }
    }

    static int slotsIn(long memoryBytes) {
        return (int) Math.min(memoryBytes / SLOT_BYTES, MAX_SLOTS);
    }

    int size() {
        return size;
    }

    /** How full it is, 0 to 1 of the slots that it may have. */
    double utilization() {
        return (double) size / maxSlots;
    }

    /** Whether a key that is new would not be taken; one that is known counts as refused, too. */
    boolean isFull() {
        return size >= maxKeys;
    }

    /** The offset of the last {@link #put} or {@link #seenUpTo}; −1 at first. Records above it are not in the map. */
    long latestOffset() {
        return latestOffset;
    }

    void seenUpTo(long offset) {
        latestOffset = offset;
    }

    /** Takes a key's newest offset. Not while {@link #isFull}. */
    void put(ByteBuffer key, long offset) {
        if (size + 1 > slotCount * COMFORTABLE && slotCount < maxSlots) {
            grow();
        }
        hash(key);
        long high = hashed.getLong(0);
        long low = hashed.getLong(8);
        int at = find(slots, slotCount, high, low);
        if (slots[at + 2] == 0) {
            slots[at] = high;
            slots[at + 1] = low;
            size++;
        }
        slots[at + 2] = offset + 1;
        latestOffset = offset;
    }

    /** The key's newest offset; −1 if it is not in the map. */
    long get(ByteBuffer key) {
        hash(key);
        return slots[find(slots, slotCount, hashed.getLong(0), hashed.getLong(8)) + 2] - 1;
    }

    private void hash(ByteBuffer key) {
        digest.update(key.duplicate());
        try {
            digest.digest(hash, 0, hash.length);
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int find(long[] slots, int slotCount, long high, long low) {
        int slot = (int) Long.remainderUnsigned(high, slotCount);
        while (true) {
            int at = slot * LONGS;
            if (slots[at + 2] == 0 || slots[at] == high && slots[at + 1] == low) {
                return at;
            }
            slot = slot + 1 == slotCount ? 0 : slot + 1;
        }
    }

    private void grow() {
        int newCount = (int) Math.min(2L * slotCount, maxSlots);
        var grown = new long[newCount * LONGS];
        for (int at = 0; at < slots.length; at += LONGS) {
            if (slots[at + 2] != 0) {
                System.arraycopy(slots, at, grown, find(grown, newCount, slots[at], slots[at + 1]), LONGS);
            }
        }
        slots = grown;
        slotCount = newCount;
    }
}
