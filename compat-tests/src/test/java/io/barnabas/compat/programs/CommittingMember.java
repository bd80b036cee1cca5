package io.barnabas.compat.programs;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.WakeupException;

/**
 * One life of a member: it polls, processes, and commits what it processed, as an application does that commits itself, also before
 * it gives partitions up. Its own thread owns all of it but {@link #stop}.
 */
final class CommittingMember {
    private static final Duration LONGEST_WAIT_FOR_A_COMMIT = Duration.ofMillis(500);

    private final String name;
    private final KafkaConsumer<Long, byte[]> consumer;
    private final CommittedRanges ranges;
    private final Thread thread;
    /** Processed and not committed. */
    private final Map<TopicPartition, CommittedRanges.Range> open = new HashMap<>();

    private volatile Stop stop;
    private volatile boolean owns;
    private volatile boolean committing;
    private volatile Throwable failure;

    /** How a member's life ends. */
    enum Stop {
        /** It commits and leaves. */
        LEAVES,
        /** After a commit it is silent: the group waits for its session to end. */
        FALLS_SILENT,
        /** In the middle of whatever it does, a commit too, and silent. */
        DIES
    }

    CommittingMember(String name, KafkaConsumer<Long, byte[]> consumer, String topic, CommittedRanges ranges) {
        this.name = name;
        this.consumer = consumer;
        this.ranges = ranges;
        this.thread = new Thread(() -> live(topic), name);
        thread.start();
    }

    /** Whether it had partitions when it last looked. Any thread. */
    boolean owns() {
        return owns;
    }

    /** What went wrong, or null. Any thread. */
    Throwable failure() {
        return failure;
    }

    /**
     * Ends its life and waits for that.
     *
     * @param afterNanos of one that dies: how far it gets with its commit
     */
    void stop(Stop how, long afterNanos) throws InterruptedException {
        if (how == Stop.DIES) {
            // While it commits, if it has anything to commit: that is where it hurts.
            long endNanos = System.nanoTime() + LONGEST_WAIT_FOR_A_COMMIT.toNanos();
            while (!committing && System.nanoTime() < endNanos) {
                Thread.onSpinWait();
            }
            LockSupport.parkNanos(afterNanos);
            stop = how;
            consumer.wakeup();
        }
        stop = how;
        thread.join();
    }

    private void live(String topic) {
        try {
            consumer.subscribe(List.of(topic), new ClosesRanges());
            while (stop == null) {
                for (var record : consumer.poll(Duration.ofMillis(50))) {
                    process(record);
                }
                owns = !consumer.assignment().isEmpty();
                commit();
            }
        } catch (WakeupException e) {
            // It dies.
        } catch (Throwable e) {
            failure = e;
        }
        close();
    }

    private void close() {
        try {
            if (stop == Stop.LEAVES) {
                consumer.close();
            } else {
                consumer.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.REMAIN_IN_GROUP)
                        .withTimeout(Duration.ZERO));
            }
        } catch (RuntimeException e) {
            // With no time to close, it says so.
            if (failure == null && stop == Stop.LEAVES) {
                failure = e;
            }
        }
    }

    private void process(ConsumerRecord<Long, byte[]> record) {
        if (record.key() != record.offset()) {
            throw new IllegalStateException(name + " got " + record);
        }
        var partition = new TopicPartition(record.topic(), record.partition());
        var before = open.get(partition);
        if (before != null && before.end() != record.offset()) {
            throw new IllegalStateException(name + " processed " + before + ", and then got " + record.offset());
        }
        long begin = before == null ? record.offset() : before.begin();
        open.put(partition, new CommittedRanges.Range(begin, record.offset() + 1, name));
    }

    /** What is refused because of a rebalance stays open: the member may keep its partitions. */
    private void commit() {
        if (open.isEmpty()) {
            return;
        }
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        open.forEach((partition, range) -> offsets.put(partition, new OffsetAndMetadata(range.end())));
        committing = true;
        try {
            consumer.commitSync(offsets);
        } catch (CommitFailedException | RebalanceInProgressException refused) {
            return;
        } catch (WakeupException e) {
            open.forEach(ranges::inDoubt);
            open.clear();
            throw e;
        } finally {
            committing = false;
        }
        open.forEach(ranges::acknowledged);
        open.clear();
    }

    /** On the member's thread, within poll and close. */
    private final class ClosesRanges implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commit();
            partitions.forEach(open::remove);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            partitions.forEach(open::remove);
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
    }
}
