package io.barnabas.compat.bench;

import java.util.ArrayList;
import java.util.Map;

import io.barnabas.compat.cluster.Product;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Ready-made Produce requests over and over, acks=1, several of them under way on each connection: the broker alone is loaded. */
final class RawProduce implements Load {
    private static final short VERSION = 9;
    /** What each product calls an acknowledgement that waits for the disk. */
    private static final Map<Product, Map<String, String>> FORCED = Map.of(
            Product.APACHE_KAFKA, Map.of("flush.messages", "1"), Product.BARNABAS, Map.of("durability", "fsync"));

    private final String name;
    private final int records;
    private final int recordBytes;
    private final int requests;
    private final int connections;
    private final int partitions;
    private final int underWay;
    private final Map<Product, Map<String, String>> configs;

    private RawProduce(
            String name,
            int records,
            int recordBytes,
            int requests,
            int connections,
            int partitions,
            int underWay,
            Map<Product, Map<String, String>> configs) {
        this.name = name;
        this.records = records;
        this.recordBytes = recordBytes;
        this.requests = requests;
        this.connections = connections;
        this.partitions = partitions;
        this.underWay = underWay;
        this.configs = configs;
    }

    /** @param requests in one run, on two connections with a partition each */
    static RawProduce of(int records, int recordBytes, int requests) {
        return new RawProduce(
                "produce-" + records + "x" + recordBytes, records, recordBytes, requests, 2, 2, 5, Map.of());
    }

    /** To fill a topic that is there. */
    static RawProduce filling(String topic, int partitions, int requests) {
        return new RawProduce(topic, 256, 1024, requests, 2, partitions, 5, Map.of());
    }

    /** Single records of 1 KiB, acknowledged when they are on the disk. */
    static RawProduce forced(int partitions, int requests) {
        return new RawProduce("fsync-" + partitions, 1, 1024, requests, 6, partitions, 32, FORCED);
    }

    /** The same at Barnabas against Kafka as it is without any fsync. */
    static RawProduce forcedAgainstUnforced(int partitions, int requests) {
        var ours = Map.of(Product.BARNABAS, FORCED.get(Product.BARNABAS));
        return new RawProduce("fsync-against-none-" + partitions, 1, 1024, requests, 6, partitions, 32, ours);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void prepare(Contender contender) throws Exception {
        Topics.create(contender, name, partitions, configs.getOrDefault(contender.product(), Map.of()));
    }

    @Override
    public Work run(Contender contender) throws Exception {
        double seconds = RawConnection.inParallel(
                connections, connection -> send(contender, connection, requests / connections));
        return new Work(requests, Unit.REQUEST, seconds);
    }

    /** Each connection has its share of the partitions, one request each in turn. */
    private void send(Contender contender, int first, int count) throws Exception {
        var frames = new ArrayList<byte[]>();
        for (int partition = first; partition < partitions; partition += connections) {
            frames.add(RawConnection.frame(request(name, partition, batch(records, recordBytes)), VERSION));
        }
        try (var connection = new RawConnection(contender.port())) {
            connection.exchange(frames, count, underWay, answer -> {
                ProduceResponseData decoded = RawConnection.decode(answer, (short) 0, VERSION);
                int error = decoded.responses()
                        .iterator()
                        .next()
                        .partitionResponses()
                        .get(0)
                        .errorCode();
                if (error != 0) {
                    throw new IllegalStateException(contender.product() + " refuses records with error " + error);
                }
            });
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
