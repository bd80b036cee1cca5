package io.barnabas.storage.producer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;

import io.barnabas.protocol.coordinator.ProducerSnapshot;
import io.barnabas.protocol.wire.MalformedMessageException;
import io.barnabas.protocol.wire.WireReader;
import io.barnabas.protocol.wire.WireWriter;

/** Bytes of a {@code .snapshot} file: int16 version 1, uint32 CRC-32C of the rest, the producers. */
final class SnapshotCodec {
    private static final short VERSION = ProducerSnapshot.HIGHEST_VERSION;
    private static final int CRC_AT = Short.BYTES;
    private static final int ENTRIES_AT = CRC_AT + Integer.BYTES;
    private static final int ENTRY_BYTES = 46;

    private SnapshotCodec() {}

    static byte[] encode(Collection<ProducerState> producers) {
        var entries = new ArrayList<ProducerSnapshot.ProducerEntry>(producers.size());
        for (var state : producers) {
            entries.add(new ProducerSnapshot.ProducerEntry()
                    .producerId(state.producerId())
                    .epoch(state.epoch())
                    .lastSequence(state.lastSequence())
                    .lastOffset(state.lastOffset())
                    .offsetDelta(state.lastOffsetDelta())
                    .timestamp(state.lastTimestampMs())
                    .coordinatorEpoch(state.coordinatorEpoch())
                    .currentTxnFirstOffset(state.transactionStart()));
        }
        var writer = new WireWriter(ENTRIES_AT + Integer.BYTES + ENTRY_BYTES * entries.size());
        writer.int16(VERSION);
        new ProducerSnapshot().producerEntries(entries).write(writer, VERSION);
        var bytes = writer.toByteArray();
        ByteBuffer.wrap(bytes).putInt(CRC_AT, (int) crc(bytes));
        return bytes;
    }

    /** @throws IOException if the bytes are no whole, undamaged snapshot */
    static List<ProducerState> decode(byte[] bytes) throws IOException {
        ProducerSnapshot snapshot;
        try {
            var reader = new WireReader(ByteBuffer.wrap(bytes));
            short version = reader.int16();
            if (version != VERSION) {
                throw new IOException("it has version " + version + ", only " + VERSION + " is known");
            }
            snapshot = ProducerSnapshot.read(reader, version);
        } catch (MalformedMessageException e) {
            throw new IOException("it is cut off or damaged", e);
        }
        if (snapshot.crc() != crc(bytes)) {
            throw new IOException("its content does not match its checksum");
        }
        var producers = new ArrayList<ProducerState>(snapshot.producerEntries().size());
        for (var entry : snapshot.producerEntries()) {
            var state = new ProducerState(
                    entry.producerId(),
                    entry.epoch(),
                    entry.coordinatorEpoch(),
                    entry.timestamp(),
                    Math.max(entry.currentTxnFirstOffset(), -1));
            if (entry.lastOffset() >= 0) {
                state.addBatch(
                        entry.epoch(),
                        entry.lastSequence(),
                        entry.lastOffset(),
                        entry.offsetDelta(),
                        entry.timestamp());
            }
            producers.add(state);
        }
        return producers;
    }

    private static long crc(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, ENTRIES_AT, bytes.length - ENTRIES_AT);
        return crc.getValue();
    }
}
