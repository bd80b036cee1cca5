package io.barnabas.metadata.controller;

import java.nio.ByteBuffer;
import java.util.Arrays;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.wire.MalformedMessageException;

/**
 * A whole image as bytes: {@code index (8 bytes)}, then all its records as {@link RecordBatchCodec} writes them. Whoever keeps the
 * bytes guards them by a checksum. Stateless, any thread.
 */
public final class SnapshotCodec {
    private SnapshotCodec() {}

    public static byte[] encode(MetadataImage image) {
        var records = RecordBatchCodec.encode(image.toRecords());
        return ByteBuffer.allocate(Long.BYTES + records.length)
                .putLong(image.index())
                .put(records)
                .array();
    }

    /** @throws MalformedMessageException if these bytes are no snapshot, or one of a newer version */
    public static MetadataImage decode(byte[] snapshot) {
        if (snapshot.length < Long.BYTES) {
            throw new MalformedMessageException("A metadata snapshot of " + snapshot.length + " bytes is cut off");
        }
        long index = ByteBuffer.wrap(snapshot).getLong();
        var records = RecordBatchCodec.decode(Arrays.copyOfRange(snapshot, Long.BYTES, snapshot.length));
        return MetadataImage.EMPTY.applyAll(records).at(index);
    }
}
