package io.barnabas.broker.shard;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.broker.coordinator.Decision;
import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Shard;
import io.barnabas.broker.partition.Partition;
import io.barnabas.broker.partition.Replay;
import io.barnabas.broker.time.Timer;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.record.EndTransactionMarker;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.wire.MalformedMessageException;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.AppendResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One shard while this broker leads its partition in one epoch. Worker only. */
final class Seat<S extends Shard> implements Replay.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Seat.class);
    private static final Pending NOBODY = new Pending() {};

    private final Partition partition;
    private final S shard;
    private final RecordReader records;
    private final Timer timer;
    private final Supplier<Moment> clock;
    private final Loads loads;
    private final BiConsumer<Notice, Moment> notices;
    private final Lost<S> lost;
    private final Outbox outbox = new Outbox();
    private final Set<Ticket<?>> tickets = Collections.newSetFromMap(new IdentityHashMap<>());
    private long loadingSinceMs;
    private boolean loading;
    /** Whether it is said that the shard has become ready. */
    private final boolean told;
    /** Closed, because there was no space for its records. */
    private boolean lostForSpace;
    /** Read by the threads that collect metrics, too. */
    private volatile boolean ready;

    private boolean closed;
    private boolean flushPosted;
    private Timer.Deadline alarm;
    private long alarmMs = Deadlines.NEVER;
    private boolean unknownRecordSeen;

    /** Hears that a seat closed itself. */
    interface Lost<S extends Shard> {
        /** @param readable whether the partition can be read, so that the shard may be rebuilt */
        void lost(Seat<S> seat, boolean readable);
    }

    Seat(
            Partition partition,
            S shard,
            RecordReader records,
            Timer timer,
            Supplier<Moment> clock,
            Loads loads,
            boolean told,
            BiConsumer<Notice, Moment> notices,
            Lost<S> lost) {
        this.partition = partition;
        this.shard = shard;
        this.records = records;
        this.timer = timer;
        this.clock = clock;
        this.loads = loads;
        this.told = told;
        this.notices = notices;
        this.lost = lost;
    }

    Partition partition() {
        return partition;
    }

    /** Any thread. */
    boolean isReady() {
        return ready;
    }

    /** Whether it closed itself because there was no space for its records. Worker only. */
    boolean isLostForSpace() {
        return lostForSpace;
    }

    /** What of it any thread may read. */
    S shard() {
        return shard;
    }

    void load(Executor readers) {
        loadingSinceMs = clock.get().steadyMs();
        loading = true;
        loads.begun(partition.log().sizeBytes());
        Replay.start(partition, readers, this);
    }

    @Override
    public void batch(RecordBatch batch) {
        if (closed) {
            return;
        }
        loads.advanced(batch.sizeBytes());
        try {
            if (batch.isControl()) {
                EndTransactionMarker.of(batch)
                        .ifPresent(marker -> shard.endTransaction(batch.producerId(), marker.committed()));
            } else {
                long producerId = batch.isTransactional() ? batch.producerId() : RecordBatch.NO_PRODUCER_ID;
                for (var record : batch.records()) {
                    evolve(record.key(), record.value(), record.offset(), producerId);
                }
            }
        } catch (RuntimeException e) {
            LOG.error(
                    "Records of {} from offset {} cannot be understood; groups there have no coordinator until this is repaired"
                            + " or the broker starts anew",
                    partition,
                    batch.baseOffset(),
                    e);
            lose(ErrorCode.NOT_COORDINATOR, false);
        }
    }

    private void evolve(ByteBuffer key, ByteBuffer value, long offset, long producerId) {
        if (key == null) {
            throw new MalformedMessageException("The record at offset " + offset + " has no key");
        }
        var record = records.read(key, value);
        if (record != null) {
            shard.evolve(record, producerId);
        } else if (!unknownRecordSeen) {
            unknownRecordSeen = true;
            LOG.warn("{} holds records of unknown types, the first at offset {}; they are skipped", partition, offset);
        }
    }

    @Override
    public void finished() {
        if (closed) {
            return;
        }
        loading = false;
        ready = true;
        long tookMs = clock.get().steadyMs() - loadingSinceMs;
        if (told) {
            loads.ready(partition.name().partition(), tookMs);
        } else {
            loads.readyAgain(tookMs);
        }
        LOG.debug(
                "Coordinator of {} is ready in epoch {}",
                partition,
                partition.leadership().epoch());
        tell((shard, now, pending) -> shard.loaded(now));
    }

    @Override
    public void failed() {
        lose(ErrorCode.NOT_COORDINATOR, false);
    }

    /** Lets an event happen that is answered by this ticket, now or later. */
    void happen(ShardHost.Event<S> event, Ticket<?> ticket) {
        tickets.add(ticket);
        decide(event, ticket);
    }

    /** Lets an event happen that nobody waits for. */
    void tell(ShardHost.Event<S> event) {
        decide(event, NOBODY);
    }

    private void decide(ShardHost.Event<S> event, Pending pending) {
        try {
            var now = clock.get();
            carryOut(event.decide(shard, now, pending), now);
            setAlarm();
        } catch (RuntimeException | Error e) {
            // The event may have been half done: nothing but the log can be trusted now.
            LOG.error("An event broke the shard of {}; it is rebuilt", partition, e);
            if (pending instanceof Ticket<?> ticket) {
                tickets.remove(ticket);
                ticket.fail(ErrorCode.UNKNOWN_SERVER_ERROR);
            }
            lose(ErrorCode.NOT_COORDINATOR, true);
        }
    }

    <R> void read(Function<S, R> query, Ticket<R> ticket) {
        tickets.add(ticket);
        try {
            R found = query.apply(shard);
            outbox.answer(() -> give(ticket, found));
        } catch (RuntimeException | Error e) {
            tickets.remove(ticket);
            ticket.answer().completeExceptionally(e);
        }
    }

    private void give(Ticket<?> ticket, Object response) {
        if (tickets.remove(ticket)) {
            ticket.give(response);
        }
    }

    private void carryOut(Decision decision, Moment now) {
        for (Notice notice : decision.notices()) {
            notices.accept(notice, now);
        }
        if (!decision.records().isEmpty()) {
            outbox.add(decision.records(), decision.atomic());
            if (!flushPosted) {
                // After the tasks that are waiting already, so that all they decide is appended together.
                flushPosted = true;
                partition.worker().execute(this::flush);
            }
        }
        for (var reply : decision.replies()) {
            outbox.answer(() -> give((Ticket<?>) reply.to(), reply.response()));
        }
    }

    private void flush() {
        flushPosted = false;
        if (closed) {
            return;
        }
        try {
            appendDecided();
        } catch (RuntimeException | Error e) {
            LOG.error("The decisions of the coordinator of {} cannot be appended", partition, e);
            lose(ErrorCode.UNKNOWN_SERVER_ERROR);
        }
    }

    private void appendDecided() {
        long nowMs = clock.get().epochMs();
        var batches =
                Batches.pack(outbox.takeRecords(), partition.log().config().maxMessageBytes(), nowMs);
        var answers = outbox.close();
        for (int i = 0; i < batches.size(); i++) {
            boolean last = i == batches.size() - 1;
            var result = partition.append(batches.get(i), AppendOrigin.COORDINATOR, true, nowMs, error -> {
                if (error != ErrorCode.NONE) {
                    lose(error);
                } else if (last && !closed) {
                    outbox.committed(answers);
                }
            });
            if (result instanceof AppendResult.Rejected rejected) {
                lose(rejected.error());
                return;
            }
        }
    }

    /** What was decided cannot be known to be committed. */
    private void lose(ErrorCode error) {
        if (closed) {
            return;
        }
        // A full disk, of which the log directory's reserve tells, can be read: the shard comes back from it, and goes
        // on once there is
        // space.
        boolean full = error == ErrorCode.KAFKA_STORAGE_ERROR && !partition.isOffline();
        lostForSpace = full;
        if (full) {
            LOG.debug("Decisions of the coordinator of {} found no space; its shard is read again", partition);
        } else {
            LOG.warn(
                    "Decisions of the coordinator of {} could not be recorded ({}); its shard is forgotten",
                    partition,
                    error);
        }
        boolean readable = full || error != ErrorCode.NOT_LEADER_OR_FOLLOWER && error != ErrorCode.KAFKA_STORAGE_ERROR;
        lose(
                full || error == ErrorCode.NOT_ENOUGH_REPLICAS
                        ? ErrorCode.COORDINATOR_NOT_AVAILABLE
                        : readable ? ErrorCode.UNKNOWN_SERVER_ERROR : ErrorCode.NOT_COORDINATOR,
                readable);
    }

    private void lose(ErrorCode toClients, boolean readable) {
        if (!closed) {
            close(toClients);
            lost.lost(this, readable);
        }
    }

    /** Everything that waits fails. */
    void close(ErrorCode toClients) {
        closed = true;
        ready = false;
        if (loading) {
            loading = false;
            loads.ended();
        }
        if (alarm != null) {
            alarm.cancel();
        }
        var failing = tickets.toArray(new Ticket<?>[0]);
        tickets.clear();
        for (var ticket : failing) {
            ticket.fail(toClients);
        }
    }

    private void setAlarm() {
        long nextMs = shard.nextDeadlineMs();
        if (closed || nextMs >= alarmMs) {
            return;
        }
        if (alarm != null) {
            alarm.cancel();
        }
        alarmMs = nextMs;
        long delayMs = Math.max(0, nextMs - clock.get().steadyMs());
        alarm = timer.schedule(delayMs, () -> partition.worker().execute(this::ring));
    }

    private void ring() {
        if (!closed) {
            alarmMs = Deadlines.NEVER;
            alarm = null;
            tell((shard, now, pending) -> shard.tick(now));
        }
    }
}
