package io.barnabas.compat.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * From when fifty Java consumers poll for the first time until each has its two of a hundred partitions, with the defaults of clients and
 * brokers. Most of that is waiting; the clients' own work, the same with both, counts against the faster one.
 */
final class GroupJoin {
    private static final int MEMBERS = 50;
    private static final int PARTITIONS_EACH = 2;
    private static final int PARTITIONS = MEMBERS * PARTITIONS_EACH;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int DEADLINE_S = 120;

    private final String protocol;
    private int groups;

    /** @param protocol as {@code group.protocol} has it */
    GroupJoin(String protocol) {
        this.protocol = protocol;
    }

    String name() {
        return "group-join-" + protocol;
    }

    void prepare(Contender contender) throws Exception {
        Topics.create(contender, name(), PARTITIONS);
        Topics.awaitCoordinators(contender);
        settledS(contender);
    }

    void run(Contender contender, Figures figures) throws Exception {
        double before = contender.cpu().withoutJitS();
        figures.add(name() + ", settled, s", contender.product(), settledS(contender));
        figures.add(
                name() + ", broker CPU, ms",
                contender.product(),
                1_000 * (contender.cpu().withoutJitS() - before));
    }

    private double settledS(Contender contender) throws Exception {
        String group = name() + "-" + groups++;
        var consumers = new ArrayList<KafkaConsumer<byte[], byte[]>>();
        for (int i = 0; i < MEMBERS; i++) {
            consumers.add(Clients.consumer(contender, Map.of("group.id", group, "group.protocol", protocol)));
        }
        var settled = new Settled();
        var ends = new AtomicBoolean();
        var threads = new ArrayList<Thread>();
        for (var consumer : consumers) {
            var owned = ConcurrentHashMap.<TopicPartition>newKeySet();
            settled.members.add(owned);
            threads.add(new Thread(() -> {
                consumer.subscribe(List.of(name()), settled.listener(owned));
                while (!ends.get()) {
                    consumer.poll(POLL);
                }
                consumer.close();
            }));
        }
        long startedNanos = System.nanoTime();
        threads.forEach(Thread::start);
        boolean inTime = settled.reached.await(DEADLINE_S, TimeUnit.SECONDS);
        double seconds = (System.nanoTime() - startedNanos) / 1e9;
        ends.set(true);
        for (var thread : threads) {
            thread.join();
        }
        if (!inTime) {
            throw new IllegalStateException(contender.product() + ": the group does not settle");
        }
        System.out.printf("%s %s: %.3f s%n", name(), contender.product(), seconds);
        return seconds;
    }

    /** Every member has its partitions, and no other member has them. */
    private static final class Settled {
        private final List<Collection<TopicPartition>> members = new ArrayList<>();
        private final CountDownLatch reached = new CountDownLatch(1);

        ConsumerRebalanceListener listener(Collection<TopicPartition> owned) {
            return new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                    owned.removeAll(partitions);
                }

                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                    owned.addAll(partitions);
                    if (members.stream().allMatch(each -> each.size() == PARTITIONS_EACH)
                            && members.stream()
                                            .flatMap(Collection::stream)
                                            .distinct()
                                            .count()
                                    == PARTITIONS) {
                        reached.countDown();
                    }
                }
            };
        }
    }
}
