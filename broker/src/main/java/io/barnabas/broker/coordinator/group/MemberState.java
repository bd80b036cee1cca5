package io.barnabas.broker.coordinator.group;

/** How far a member of a consumer group has come on its way to its target assignment. */
enum MemberState {
    /** It has it. */
    STABLE((byte) 0),
    /** It has to give up partitions first. */
    UNREVOKED_PARTITIONS((byte) 1),
    /** It waits for partitions that others have to give up. */
    UNRELEASED_PARTITIONS((byte) 2),
    /** Written by a newer release. */
    UNKNOWN((byte) 127);

    private final byte code;

    MemberState(byte code) {
        this.code = code;
    }

    byte code() {
        return code;
    }

    static MemberState of(byte code) {
        for (var state : values()) {
            if (state.code == code) {
                return state;
            }
        }
        return UNKNOWN;
    }
}
