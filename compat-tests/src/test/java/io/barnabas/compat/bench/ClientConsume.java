package io.barnabas.compat.bench;

import java.time.Duration;
import java.util.Map;

/** The Java consumer reading six partitions from their beginning to their end. */
final class ClientConsume implements Load {
    private static final int PARTITIONS = 6;

    private final String name;
    private final int recordBytes;
    private final int records;

    ClientConsume(int recordBytes, int records) {
        this.name = "client-consume-" + recordBytes;
        this.recordBytes = recordBytes;
        this.records = records;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void prepare(Contender contender) throws Exception {
        Topics.create(contender, name, PARTITIONS);
        ClientProduce.produce(contender, name, records, recordBytes, Map.of("linger.ms", 5, "batch.size", 64 * 1024));
    }

    @Override
    public Work run(Contender contender) {
        long startedNanos = System.nanoTime();
        try (var consumer = Clients.consumer(contender)) {
            var partitions = Clients.partitions(name, PARTITIONS);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            for (long read = 0; read < records; ) {
                read += consumer.poll(Duration.ofSeconds(10)).count();
            }
        }
        return new Work(ClientProduce.gib(records, recordBytes), Unit.GIB, (System.nanoTime() - startedNanos) / 1e9);
    }
}
