package io.barnabas.compat.bench;

import java.util.List;

import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;

/** Fetch requests without a session over a topic that is in the page cache, 1 MiB of one partition each. */
final class RawFetch implements Load {
    private static final short VERSION = 12;
    private static final int RECORDS = 256;
    private static final int RECORD_BYTES = 1024;
    private static final int BATCHES = 2_048;
    private static final int PASSES = 4;

    @Override
    public String name() {
        return "fetch";
    }

    @Override
    public void prepare(Contender contender) throws Exception {
        Topics.create(contender, name(), 1);
        var frame =
                RawConnection.frame(RawProduce.request(name(), 0, RawProduce.batch(RECORDS, RECORD_BYTES)), (short) 9);
        try (var connection = new RawConnection(contender.port())) {
            for (int i = 0; i < BATCHES; i++) {
                connection.send(frame);
                connection.receive();
            }
        }
    }

    @Override
    public Work run(Contender contender) throws Exception {
        int batchBytes = RawProduce.batch(RECORDS, RECORD_BYTES).sizeInBytes();
        long bytes = 0;
        long startedNanos = System.nanoTime();
        try (var connection = new RawConnection(contender.port())) {
            for (int pass = 0; pass < PASSES; pass++) {
                for (long offset = 0; offset < (long) BATCHES * RECORDS; ) {
                    connection.send(RawConnection.frame(request(offset), VERSION));
                    FetchResponseData answer = RawConnection.decode(connection.receive(), (short) 1, VERSION);
                    int size = answer.responses()
                            .get(0)
                            .partitions()
                            .get(0)
                            .records()
                            .sizeInBytes();
                    int whole = size / batchBytes;
                    if (whole == 0) {
                        throw new IllegalStateException(contender.product() + " answers nothing at " + offset);
                    }
                    offset += (long) whole * RECORDS;
                    bytes += (long) whole * batchBytes;
                }
            }
        }
        return new Work(bytes / (double) (1 << 30), Unit.GIB, (System.nanoTime() - startedNanos) / 1e9);
    }

    private FetchRequestData request(long offset) {
        var partition = new FetchRequestData.FetchPartition()
                .setPartition(0)
                .setFetchOffset(offset)
                .setPartitionMaxBytes(1 << 20);
        return new FetchRequestData()
                .setReplicaId(-1)
                .setMaxWaitMs(500)
                .setMinBytes(1)
                .setMaxBytes(50 << 20)
                .setSessionEpoch(-1)
                .setTopics(List.of(
                        new FetchRequestData.FetchTopic().setTopic(name()).setPartitions(List.of(partition))));
    }
}
