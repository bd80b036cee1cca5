package io.barnabas.compat.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.kafka.clients.producer.ProducerRecord;

/** The Java producer, over six partitions. */
final class ClientProduce implements Load {
    private static final int PARTITIONS = 6;
    private static final int PAYLOADS = 1_000;

    private final String name;
    private final int recordBytes;
    private final int records;
    private final Map<String, Object> settings;

    /** @param acks "1", or "all", which is idempotent too */
    ClientProduce(int recordBytes, String compression, String acks, int records) {
        this.name = "client-produce-" + recordBytes + "-" + compression + "-acks-" + acks;
        this.recordBytes = recordBytes;
        this.records = records;
        settings = new HashMap<>(
                Map.of("compression.type", compression, "acks", acks, "linger.ms", 5, "batch.size", 64 * 1024));
        settings.put("enable.idempotence", acks.equals("all"));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void prepare(Contender contender) throws Exception {
        Topics.create(contender, name, PARTITIONS);
    }

    @Override
    public Work run(Contender contender) {
        long startedNanos = System.nanoTime();
        produce(contender, name, records, recordBytes, settings);
        return new Work(gib(records, recordBytes), Unit.GIB, (System.nanoTime() - startedNanos) / 1e9);
    }

    static double gib(int records, int recordBytes) {
        return (double) records * recordBytes / (1 << 30);
    }

    static void produce(Contender contender, String topic, int records, int recordBytes, Map<String, Object> settings) {
        var payloads = new byte[PAYLOADS][];
        for (int i = 0; i < PAYLOADS; i++) {
            payloads[i] = Payload.text(recordBytes, i);
        }
        var failed = new AtomicReference<Exception>();
        try (var producer = Clients.producer(contender, settings)) {
            for (int i = 0; i < records; i++) {
                producer.send(
                        new ProducerRecord<>(topic, i % PARTITIONS, null, payloads[i % PAYLOADS]),
                        (metadata, failure) -> {
                            if (failure != null) {
                                failed.set(failure);
                            }
                        });
            }
        }
        if (failed.get() != null) {
            throw new IllegalStateException(contender.product() + " refuses records", failed.get());
        }
    }
}
