package io.barnabas.protocol.record;

import java.nio.ByteBuffer;

/** What a control record says, by its key: int16 version, int16 type. */
public enum ControlRecordType {
    ABORT,
    COMMIT,
    LEADER_CHANGE,
    SNAPSHOT_HEADER,
    SNAPSHOT_FOOTER,
    KRAFT_VERSION,
    KRAFT_VOTERS,
    /** A type of a later Kafka; readers step over it. */
    UNKNOWN;

    private static final ControlRecordType[] BY_CODE = values();
    private static final int KEY_BYTES = 4;

    /** −1 for UNKNOWN. */
    public short code() {
        return (short) (this == UNKNOWN ? -1 : ordinal());
    }

    /** @throws CorruptRecordsException if the key cannot be that of a control record */
    public static ControlRecordType of(ByteBuffer key) {
        if (key == null || key.remaining() < KEY_BYTES) {
            throw new CorruptRecordsException("The key of a control record has at least " + KEY_BYTES + " bytes");
        }
        short version = key.getShort(key.position());
        if (version < 0) {
            throw new CorruptRecordsException("The key of a control record has the version " + version);
        }
        short code = key.getShort(key.position() + Short.BYTES);
        return code >= 0 && code < UNKNOWN.ordinal() ? BY_CODE[code] : UNKNOWN;
    }

    ByteBuffer key() {
        return ByteBuffer.allocate(KEY_BYTES)
                .putShort((short) 0)
                .putShort(code())
                .flip();
    }
}
