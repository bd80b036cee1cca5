package io.barnabas.metadata.image;

import java.util.List;

import io.barnabas.protocol.Uuid;

/** Log directory ids with a meaning of their own (KIP-858). */
public final class DirectoryIds {
    /** The replica is from before directories had ids. */
    public static final Uuid MIGRATING = new Uuid(0, 0);
    /** The broker has yet to choose a directory. */
    public static final Uuid UNASSIGNED = new Uuid(0, 1);
    /** Some directory that is gone. */
    public static final Uuid LOST = new Uuid(0, 2);

    private static final long FIRST_FREE = 100;

    private DirectoryIds() {}

    /** Whether no real directory may have this id. */
    public static boolean isReserved(Uuid id) {
        return id.mostSignificantBits() == 0 && id.leastSignificantBits() < FIRST_FREE;
    }

    /** Whether a replica in this directory can be served by a broker that has these directories. */
    public static boolean isOnline(Uuid id, List<Uuid> directories) {
        if (id.equals(UNASSIGNED) || id.equals(MIGRATING)) {
            return true;
        }
        return !id.equals(LOST) && (directories.isEmpty() || directories.contains(id));
    }
}
