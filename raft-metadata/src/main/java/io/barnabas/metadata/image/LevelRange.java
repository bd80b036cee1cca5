package io.barnabas.metadata.image;

/** Supported levels of a feature (KIP-584), both ends included. */
public record LevelRange(short lowest, short highest) {
    /** What a node supports that does not know the feature. */
    public static final LevelRange NONE = new LevelRange((short) 0, (short) 0);

    public boolean contains(short level) {
        return level >= lowest && level <= highest;
    }

    /** As Kafka writes it: "3", or "3-5". */
    @Override
    public String toString() {
        return lowest == highest ? Short.toString(lowest) : lowest + "-" + highest;
    }
}
