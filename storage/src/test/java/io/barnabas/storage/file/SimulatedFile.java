package io.barnabas.storage.file;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Content of one simulated file: what a reader sees now, and what is known to be on the platter. */
final class SimulatedFile {
    private static final int SECTOR_BYTES = 512;

    private sealed interface Change {
        record Write(int position, byte[] bytes) implements Change {}

        record Truncate(int size) implements Change {}
    }

    private byte[] content = new byte[0];
    private int size;
    private byte[] durable = new byte[0];
    private final List<Change> unsynced = new ArrayList<>();

    SimulatedFile() {}

    private SimulatedFile(byte[] content) {
        this.content = content;
        this.size = content.length;
        this.durable = content.clone();
    }

    synchronized int size() {
        return size;
    }

    synchronized int read(long position, byte[] into, int offset, int length) {
        if (position >= size) {
            return length == 0 ? 0 : -1;
        }
        int count = (int) Math.min(length, size - position);
        System.arraycopy(content, (int) position, into, offset, count);
        return count;
    }

    synchronized void write(long position, byte[] bytes) {
        int at = Math.toIntExact(position);
        apply(at, bytes);
        unsynced.add(new Change.Write(at, bytes));
    }

    private void apply(int at, byte[] bytes) {
        int end = at + bytes.length;
        if (end > content.length) {
            content = Arrays.copyOf(content, Math.max(end, content.length * 2));
        }
        System.arraycopy(bytes, 0, content, at, bytes.length);
        size = Math.max(size, end);
    }

    synchronized void truncate(long newSize) {
        if (newSize < size) {
            Arrays.fill(content, (int) newSize, size, (byte) 0);
            size = (int) newSize;
            unsynced.add(new Change.Truncate(size));
        }
    }

    synchronized void force() {
        durable = Arrays.copyOf(content, size);
        unsynced.clear();
    }

    /**
     * What may be found after a power loss: of the changes since the last force, a prefix with a torn end, or any subset
     * of sectors, each change as it was.
     */
    synchronized SimulatedFile afterCrash(RandomGenerator random) {
        var survivor = new SimulatedFile(durable.clone());
        if (unsynced.isEmpty()) {
            return survivor;
        }
        boolean ordered = random.nextInt(3) > 0;
        int survivors = random.nextInt(unsynced.size() + 1);
        for (int i = 0; i < unsynced.size(); i++) {
            boolean whole = ordered ? i < survivors : random.nextBoolean();
            boolean torn = ordered ? i == survivors : !whole && random.nextBoolean();
            if (unsynced.get(i) instanceof Change.Truncate truncate) {
                if (whole) {
                    survivor.truncate(truncate.size());
                }
            } else if (unsynced.get(i) instanceof Change.Write write) {
                if (whole) {
                    survivor.apply(write.position(), write.bytes());
                } else if (torn) {
                    tear(survivor, write, random, ordered);
                }
            }
            if (ordered && torn) {
                break;
            }
        }
        survivor.force();
        return survivor;
    }

    private static void tear(SimulatedFile survivor, Change.Write write, RandomGenerator random, boolean prefixOnly) {
        if (prefixOnly) {
            survivor.apply(write.position(), Arrays.copyOf(write.bytes(), random.nextInt(write.bytes().length + 1)));
            return;
        }
        // The size was recorded, some sectors were not written: they read as zeros.
        survivor.apply(write.position(), new byte[write.bytes().length]);
        for (int from = 0; from < write.bytes().length; from += SECTOR_BYTES) {
            if (random.nextBoolean()) {
                int to = Math.min(from + SECTOR_BYTES, write.bytes().length);
                survivor.apply(write.position() + from, Arrays.copyOfRange(write.bytes(), from, to));
            }
        }
    }
}
