package io.barnabas.broker.shard;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.RecordBatchBuilder;

/** Packs a coordinator's records into as few batches as their size allows. */
final class Batches {
    private Batches() {}

    /** @param maxBytes a unit larger than this gets a batch of its own, and the log's refusal */
    static List<ByteBuffer> pack(List<Outbox.Unit> units, int maxBytes, long nowMs) {
        var batches = new ArrayList<ByteBuffer>();
        var builder = new RecordBatchBuilder();
        int sizeBytes = RecordBatch.HEADER_SIZE_BYTES;
        for (var unit : units) {
            int unitBytes = 0;
            for (var record : unit.records()) {
                unitBytes += record.sizeBytes();
            }
            if (builder.count() > 0 && sizeBytes + unitBytes > maxBytes) {
                batches.add(builder.build());
                builder = new RecordBatchBuilder();
                sizeBytes = RecordBatch.HEADER_SIZE_BYTES;
            }
            for (CoordinatorRecord record : unit.records()) {
                builder.append(nowMs, record.encodedKey(), record.encodedValue(), List.of());
            }
            sizeBytes += unitBytes;
        }
        if (builder.count() > 0) {
            batches.add(builder.build());
        }
        return batches;
    }
}
