package io.barnabas.compat.bench;

import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** The same Produce request over and over on two connections, five of them under way on each, acks=1: the broker alone is loaded. */
final class RawProduce implements Load {
    private static final short VERSION = 9;
    private static final int CONNECTIONS = 2;
    private static final int UNDER_WAY = 5;

    private final String name;
    private final int records;
    private final int recordBytes;
    private final int requests;

    /** @param requests in one run */
    RawProduce(String name, int records, int recordBytes, int requests) {
        this.name = name;
        this.records = records;
        this.recordBytes = recordBytes;
        this.requests = requests;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void prepare(Contender contender) throws Exception {
        Topics.create(contender, name, CONNECTIONS);
    }

    @Override
    public Work run(Contender contender) throws Exception {
        var pool = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            var senders = IntStream.range(0, CONNECTIONS)
                    .<Callable<Void>>mapToObj(partition -> () -> {
                        send(contender, partition, requests / CONNECTIONS);
                        return null;
                    })
                    .toList();
            long startedNanos = System.nanoTime();
            for (var sent : pool.invokeAll(senders)) {
                sent.get();
            }
            return new Work(requests, Unit.REQUEST, (System.nanoTime() - startedNanos) / 1e9);
        } finally {
            pool.shutdown();
        }
    }

    private void send(Contender contender, int partition, int count) throws Exception {
        var frame = RawConnection.frame(request(name, partition, batch(records, recordBytes)), VERSION);
        try (var connection = new RawConnection(contender.port())) {
            int sent = 0;
            for (int received = 0; received < count; received++) {
                while (sent < count && sent - received < UNDER_WAY) {
                    connection.send(frame);
                    sent++;
                }
                var answer = connection.receive();
                if (received == 0) {
                    ProduceResponseData first = RawConnection.decode(answer, (short) 0, VERSION);
                    int error = first.responses()
                            .iterator()
                            .next()
                            .partitionResponses()
                            .get(0)
                            .errorCode();
                    if (error != 0) {
                        throw new IllegalStateException(contender.product() + " refuses records with error " + error);
                    }
                }
            }
        }
    }

    static MemoryRecords batch(int records, int recordBytes) {
        var batch = new SimpleRecord[records];
        long now = System.currentTimeMillis();
        for (int i = 0; i < records; i++) {
            batch[i] = new SimpleRecord(now, Payload.text(recordBytes, i));
        }
        return MemoryRecords.withRecords(Compression.NONE, batch);
    }

    static ProduceRequestData request(String topic, int partition, MemoryRecords records) {
        var data = new ProduceRequestData.TopicProduceData().setName(topic);
        data.partitionData()
                .add(new ProduceRequestData.PartitionProduceData()
                        .setIndex(partition)
                        .setRecords(records));
        var request = new ProduceRequestData().setAcks((short) 1).setTimeoutMs(30_000);
        request.topicData().add(data);
        return request;
    }
}
