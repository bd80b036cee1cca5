package io.barnabas.broker.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import io.barnabas.broker.coordinator.Decision;
import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Shard;
import io.barnabas.broker.partition.Partition;
import io.barnabas.broker.partition.PartitionListener;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.partition.Worker;
import io.barnabas.broker.time.Timer;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.wire.Message;

/**
 * The shards of one coordinator on this broker, one for each partition of its internal topic that this broker leads. Asked by any
 * thread; everything about a shard happens on the worker of its partition.
 *
 * <p>A request for a partition this broker does not lead fails with NOT_COORDINATOR; while the shard is being rebuilt with
 * COORDINATOR_LOAD_IN_PROGRESS. If records cannot be committed, the shard is forgotten, all that waited for it fails, and it is
 * rebuilt from what the log holds.
 *
 * @param <S> the shards
 */
public final class ShardHost<S extends Shard> implements PartitionListener {
    private final String topic;
    private final Supplier<S> shards;
    private final RecordReader records;
    private final Partitions partitions;
    private final Executor readers;
    private final Timer timer;
    private final Supplier<Moment> clock;
    private final Loads loads;
    private final Listener<S> listener;
    /** Partitions that this broker leads but cannot read. */
    private final Set<Integer> failed = ConcurrentHashMap.newKeySet();

    private final ConcurrentMap<Integer, Seat<S>> seats = new ConcurrentHashMap<>();

    /**
     * @param topic the internal topic
     * @param shards makes an empty shard
     * @param records understands the topic's records
     * @param readers runs reads from the disk
     * @param listener hears what happens, on the workers of the partitions
     */
    public ShardHost(
            String topic,
            Supplier<S> shards,
            RecordReader records,
            Partitions partitions,
            Executor readers,
            Timer timer,
            Supplier<Moment> clock,
            Listener<S> listener) {
        this.topic = topic;
        this.shards = shards;
        this.records = records;
        this.partitions = partitions;
        this.readers = readers;
        this.timer = timer;
        this.clock = clock;
        this.loads = new Loads(topic, timer, clock);
        this.listener = listener;
    }

    /** Hears what happens to the shards. Called on the worker of the partition. */
    public interface Listener<S> {
        /** Something an operator wants to know. */
        void noticed(Notice notice, Moment now);

        /** A shard was made for a partition; its log will be read. */
        void opened(int partition, S shard);

        /** The shard is no longer used: this broker does not lead any more, or it was forgotten. */
        void closed(int partition, S shard, Moment now);
    }

    /** How long the loads of the last minute took. */
    Loads loads() {
        return loads;
    }

    /** How many shards are ready. Any thread. */
    int active() {
        int count = 0;
        for (var seat : seats.values()) {
            count += seat.isReady() ? 1 : 0;
        }
        return count;
    }

    /** How many partitions this broker leads without being able to read them. Any thread. */
    int failed() {
        return failed.size();
    }

    /** Partitions with a shard on this broker. A copy; any thread. */
    List<Integer> partitions() {
        return List.copyOf(new TreeSet<>(seats.keySet()));
    }

    /** Something that happens to a shard. */
    @FunctionalInterface
    public interface Event<S> {
        Decision decide(S shard, Moment now, Pending pending);
    }

    /**
     * Lets an event happen. The stage completes, on the partition's worker, with the response that the shard gave, once all that
     * was decided up to then is committed; or with what {@code failure} makes of the error.
     */
    public <R extends Message> CompletableFuture<R> ask(int partition, Event<S> event, Function<ErrorCode, R> failure) {
        var ticket = new Ticket<R>(failure);
        withSeat(partition, ticket, seat -> seat.happen(event, ticket));
        return ticket.answer();
    }

    /** Reads the state; completes like {@link #ask}, so that nothing is told that might yet be lost. */
    public <R> CompletableFuture<R> read(int partition, Function<S, R> query, Function<ErrorCode, R> failure) {
        var ticket = new Ticket<R>(failure);
        withSeat(partition, ticket, seat -> seat.read(query, ticket));
        return ticket.answer();
    }

    /** {@link #read} for every shard on this broker. */
    public <R> List<CompletableFuture<R>> readAll(Function<S, R> query, Function<ErrorCode, R> failure) {
        var answers = new ArrayList<CompletableFuture<R>>();
        for (int partition : seats.keySet()) {
            answers.add(read(partition, query, failure));
        }
        return answers;
    }

    /** Lets an event that nobody waits for happen to every shard on this broker that is ready. */
    public void tellAll(Event<S> event) {
        for (int partition : seats.keySet()) {
            ownerOf(partition).execute(() -> {
                var seat = seats.get(partition);
                if (seat != null && seat.isReady()) {
                    seat.tell(event);
                }
            });
        }
    }

    private void withSeat(int partition, Ticket<?> ticket, Consumer<Seat<S>> action) {
        ownerOf(partition).execute(() -> {
            var seat = seats.get(partition);
            if (seat == null) {
                ticket.fail(ErrorCode.NOT_COORDINATOR);
            } else if (!seat.isReady()) {
                ticket.fail(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
            } else {
                action.accept(seat);
            }
        });
    }

    private Worker ownerOf(int partition) {
        return partitions.ownerOf(new TopicPartition(topic, partition));
    }

    @Override
    public void onLeading(Partition partition) {
        if (partition.name().topic().equals(topic)) {
            open(partition, true);
        }
    }

    /** @param told whether it is said that the shard has become ready */
    private void open(Partition partition, boolean told) {
        int number = partition.name().partition();
        var seat =
                new Seat<>(partition, shards.get(), records, timer, clock, loads, told, listener::noticed, this::lost);
        failed.remove(number);
        listener.opened(number, seat.shard());
        seats.put(number, seat);
        seat.load(readers);
    }

    @Override
    public void onResigned(Partition partition) {
        if (partition.name().topic().equals(topic)) {
            int number = partition.name().partition();
            failed.remove(number);
            var seat = seats.remove(number);
            if (seat != null) {
                seat.close(ErrorCode.NOT_COORDINATOR);
                listener.closed(number, seat.shard(), clock.get());
            }
        }
    }

    /** Worker only: the seat has closed itself. */
    private void lost(Seat<S> seat, boolean readable) {
        var partition = seat.partition();
        int number = partition.name().partition();
        if (!seats.remove(number, seat)) {
            return;
        }
        listener.closed(number, seat.shard(), clock.get());
        if (!readable) {
            failed.add(number);
        } else {
            // In a task of its own: the event that failed is still under way.
            partition.worker().execute(() -> {
                if (partition.leadership().local() && !seats.containsKey(number)) {
                    open(partition, !seat.isLostForSpace());
                }
            });
        }
    }
}
