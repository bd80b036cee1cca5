package io.barnabas.compat.programs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Fills a broker with batches of every kind and takes stock of what a broker has. */
final class StockRoom {
    static final String GROUP = "stock-group";
    private static final String GONE_GROUP = "stock-group-gone";
    private static final String MAKER_GROUP = "maker";
    private static final int RECORDS = 6_000;
    private static final long FIRST_TIMESTAMP = System.currentTimeMillis() - TimeUnit.HOURS.toMillis(1);
    private static final long SEED = 7;

    /** Topics by name, with the codec and whether the producer numbers its batches. */
    private record Kind(String topic, int partitions, String codec, boolean idempotent) {}

    private static final List<Kind> KINDS = List.of(
            new Kind("stock-plain", 2, "none", false),
            new Kind("stock-none", 1, "none", true),
            new Kind("stock-gzip", 1, "gzip", true),
            new Kind("stock-snappy", 1, "snappy", true),
            new Kind("stock-lz4", 1, "lz4", true),
            new Kind("stock-zstd", 1, "zstd", true));

    static final Set<TopicPartition> IDEMPOTENT = KINDS.stream()
            .filter(Kind::idempotent)
            .map(kind -> new TopicPartition(kind.topic(), 0))
            .collect(Collectors.toUnmodifiableSet());

    private StockRoom() {}

    static void createTopics(Admin admin) throws Exception {
        List<NewTopic> topics = KINDS.stream()
                .map(kind -> new NewTopic(kind.topic(), kind.partitions(), (short) 1)
                        .configs(Map.of("segment.bytes", Integer.toString(1 << 20))))
                .toList();
        done(admin.createTopics(topics).all());
    }

    /** The topic of the groups' offsets is made for the first group. */
    static void makeOffsetsTopic(Admin admin) throws Exception {
        done(admin.alterConsumerGroupOffsets(
                        MAKER_GROUP, Map.of(new TopicPartition("stock-none", 0), new OffsetAndMetadata(0)))
                .all());
    }

    static void fill(String bootstrapServers, Admin admin) throws Exception {
        for (Kind kind : KINDS) {
            produce(bootstrapServers, kind);
        }
        Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
        for (TopicPartition partition : partitions()) {
            commits.put(partition, new OffsetAndMetadata(partition.topic().length() * 100L, Optional.of(0), "a note"));
        }
        consumeAndCommit(bootstrapServers, commits);
        done(admin.alterConsumerGroupOffsets(GONE_GROUP, commits).all());
        done(admin.deleteConsumerGroups(List.of(GONE_GROUP)).all());
    }

    static Stock take(String bootstrapServers, Admin admin) throws Exception {
        Map<TopicPartition, Long> ends = new TreeMap<>(Comparator.comparing(TopicPartition::toString));
        Map<TopicPartition, List<String>> byTime = new HashMap<>();
        for (TopicPartition partition : partitions()) {
            ends.put(partition, listed(admin, partition, OffsetSpec.latest()).offset());
            List<String> answers = new ArrayList<>();
            for (int i = -10; i < RECORDS + 500; i += 487) {
                var answer = listed(admin, partition, OffsetSpec.forTimestamp(FIRST_TIMESTAMP + 10L * i + 3));
                answers.add(answer.offset() + "@" + answer.timestamp());
            }
            var newest = listed(admin, partition, OffsetSpec.maxTimestamp());
            answers.add("newest " + newest.offset() + "@" + newest.timestamp());
            byTime.put(partition, answers);
        }
        Set<String> groups = done(admin.listGroups().all()).stream()
                .map(GroupListing::groupId)
                .filter(group -> !group.equals(MAKER_GROUP))
                .collect(Collectors.toCollection(TreeSet::new));
        return new Stock(
                readAll(bootstrapServers, ends),
                ends,
                byTime,
                done(admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata()),
                groups);
    }

    /** The last sequence number of the one producer of every partition that has one, as it must be. */
    static Map<TopicPartition, List<Integer>> lastSequences(Stock stock) {
        return partitions().stream()
                .collect(Collectors.toMap(
                        partition -> partition,
                        partition -> IDEMPOTENT.contains(partition)
                                ? List.of((int) (stock.ends().get(partition) - 1))
                                : List.of()));
    }

    /** The last sequence numbers of the producers that a broker knows of. */
    static Map<TopicPartition, List<Integer>> producers(Admin admin) throws Exception {
        Map<TopicPartition, List<Integer>> sequences = new HashMap<>();
        done(admin.describeProducers(partitions()).all())
                .forEach((partition, state) -> sequences.put(
                        partition,
                        state.activeProducers().stream()
                                .map(producer -> producer.lastSequence())
                                .toList()));
        return sequences;
    }

    private static List<TopicPartition> partitions() {
        List<TopicPartition> partitions = new ArrayList<>();
        for (Kind kind : KINDS) {
            for (int partition = 0; partition < kind.partitions(); partition++) {
                partitions.add(new TopicPartition(kind.topic(), partition));
            }
        }
        return partitions;
    }

    /** Values of random letters, so that they fill segments in spite of compression. */
    private static void produce(String bootstrapServers, Kind kind) throws Exception {
        Random random = new Random(SEED);
        byte[] bytes = new byte[380];
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (var producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "compression.type",
                        kind.codec(),
                        "enable.idempotence",
                        Boolean.toString(kind.idempotent()),
                        "max.in.flight.requests.per.connection",
                        "1",
                        "linger.ms",
                        "5"),
                new StringSerializer(),
                new StringSerializer())) {
            for (int i = 0; i < RECORDS * kind.partitions(); i++) {
                random.nextBytes(bytes);
                var record = new ProducerRecord<>(
                        kind.topic(),
                        i % kind.partitions(),
                        FIRST_TIMESTAMP + 10L * (i / kind.partitions()),
                        i % 11 == 0 ? null : "key " + i % 100,
                        i % 13 == 0 ? null : Base64.getEncoder().encodeToString(bytes));
                if (i % 7 == 0) {
                    record.headers()
                            .add("number", Integer.toString(i).getBytes(UTF_8))
                            .add("empty", null);
                }
                sent.add(producer.send(record));
            }
            producer.flush();
            for (var future : sent) {
                done(future);
            }
        }
    }

    private static void consumeAndCommit(String bootstrapServers, Map<TopicPartition, OffsetAndMetadata> commits) {
        try (var consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "group.id",
                        GROUP,
                        "enable.auto.commit",
                        "false",
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.subscribe(KINDS.stream().map(Kind::topic).toList());
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (consumer.poll(Duration.ofMillis(100)).isEmpty()) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("the group got no record in 60 s");
                }
            }
            Map<TopicPartition, OffsetAndMetadata> before = new HashMap<>();
            commits.forEach((partition, offset) -> before.put(partition, new OffsetAndMetadata(1)));
            consumer.commitSync(before);
            consumer.commitSync(commits);
        }
    }

    private static Map<TopicPartition, List<String>> readAll(String bootstrapServers, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, List<String>> records = new LinkedHashMap<>();
        ends.keySet().forEach(partition -> records.put(partition, new ArrayList<>()));
        try (var consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", bootstrapServers,
                        "max.poll.records", "5000",
                        "auto.offset.reset", "none"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(ends.keySet());
            consumer.seekToBeginning(ends.keySet());
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    records.get(new TopicPartition(record.topic(), record.partition()))
                            .add(record.offset() + " " + record.timestampType() + " " + record.timestamp() + " epoch "
                                    + record.leaderEpoch().orElse(-1) + " " + record.headers() + " " + record.key()
                                    + " " + record.value());
                }
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("not everything could be read in 60 s");
                }
            }
        }
        return records;
    }

    private static ListOffsetsResultInfo listed(Admin admin, TopicPartition partition, OffsetSpec spec)
            throws Exception {
        return done(admin.listOffsets(Map.of(partition, spec)).partitionResult(partition));
    }

    private static <T> T done(Future<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }
}
