package io.barnabas.storage.segment;

import java.util.OptionalLong;

/** File names in a partition's directory: a base offset in 20 digits and a suffix, as Kafka writes them. */
public final class SegmentNames {
    public static final String LOG = ".log";
    public static final String INDEX = ".index";
    public static final String TIME_INDEX = ".timeindex";
    public static final String TXN_INDEX = ".txnindex";
    public static final String SNAPSHOT = ".snapshot";
    /** Follows the other suffix: the file is out of use and deleted after a delay. */
    public static final String DELETED = ".deleted";
    /** Follows the other suffix: written by a compaction that has not finished. */
    public static final String CLEANED = ".cleaned";
    /** Follows the other suffix: a finished compaction's file about to take its place. */
    public static final String SWAP = ".swap";

    private static final int DIGITS = 20;

    private SegmentNames() {}

    public static String name(long baseOffset, String suffix) {
        var digits = Long.toString(baseOffset);
        return "0".repeat(DIGITS - digits.length()) + digits + suffix;
    }

    /** The base offset in a name that begins with 20 digits and has this suffix; empty for any other name. */
    public static OptionalLong baseOffset(String name, String suffix) {
        return name.length() == DIGITS + suffix.length() && name.endsWith(suffix)
                ? leadingOffset(name)
                : OptionalLong.empty();
    }

    /** The base offset a name begins with, whatever its suffix; empty if it does not begin with 20 digits. */
    public static OptionalLong leadingOffset(String name) {
        if (name.length() < DIGITS) {
            return OptionalLong.empty();
        }
        for (int i = 0; i < DIGITS; i++) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return OptionalLong.empty();
            }
        }
        try {
            return OptionalLong.of(Long.parseLong(name.substring(0, DIGITS)));
        } catch (NumberFormatException beyondInt64) {
            return OptionalLong.empty();
        }
    }
}
