package io.barnabas.broker.shard;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.RecordBatchBuilder;

/** Packs a coordinator's records into as few batches as their size allows. Lives for one packing. */
final class Batches {
    private final int maxBytes;
    private final long nowMs;
    private final List<ByteBuffer> batches = new ArrayList<>(1);
    private RecordBatchBuilder builder = batch();
    private int sizeBytes = RecordBatch.HEADER_SIZE_BYTES;

    private Batches(int maxBytes, long nowMs) {
        this.maxBytes = maxBytes;
        this.nowMs = nowMs;
    }

    /** @param maxBytes what must stay together and is larger than this gets a batch of its own, and the log's refusal */
    static List<ByteBuffer> pack(List<Outbox.Unit> units, int maxBytes, long nowMs) {
        var batches = new Batches(maxBytes, nowMs);
        for (var unit : units) {
            batches.add(unit);
        }
        batches.end();
        return batches.batches;
    }

    private void add(Outbox.Unit unit) {
        var records = unit.records();
        if (unit.atomic()) {
            int unitBytes = 0;
            for (int i = 0; i < records.size(); i++) {
                unitBytes += records.get(i).sizeBytes();
            }
            makeRoom(unitBytes);
        }
        for (int i = 0; i < records.size(); i++) {
            var record = records.get(i);
            if (!unit.atomic()) {
                makeRoom(record.sizeBytes());
            }
            append(record);
        }
    }

    private void makeRoom(int bytes) {
        if (builder.count() > 0 && sizeBytes + bytes > maxBytes) {
            end();
            builder = batch();
            sizeBytes = RecordBatch.HEADER_SIZE_BYTES;
        }
        sizeBytes += bytes;
    }

    private void append(CoordinatorRecord record) {
        builder.append(nowMs, record.encodedKey(), record.encodedValue(), List.of());
    }

    private void end() {
        if (builder.count() > 0) {
            batches.add(builder.build());
        }
    }

    /** Without a producer, and numbered all the same, as Kafka's coordinators write theirs. */
    private static RecordBatchBuilder batch() {
        return new RecordBatchBuilder().producer(RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH, 0);
    }
}
