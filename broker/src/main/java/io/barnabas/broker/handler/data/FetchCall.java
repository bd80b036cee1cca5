package io.barnabas.broker.handler.data;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.partition.Waiters;
import io.barnabas.broker.partition.Waiters.Ticket;
import io.barnabas.broker.time.Timer;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.message.FetchResponse;
import io.barnabas.storage.log.ReadIsolation;

/**
 * One Fetch in progress. Lives on its connection's thread, except that workers count down {@link #missingBytes}: whoever takes
 * it to zero posts one look at the logs. While it waits it holds a ticket at each partition and one deadline, and no thread.
 */
final class FetchCall implements Waiters.Waiter {
    private static final short FIRST_LEADER_HINT_VERSION = 16;
    private static final short LAST_WITHOUT_STORAGE_ERROR_VERSION = 5;

    private final RequestContext context;
    private final FetchScope scope;
    private final FetchLimits limits;
    private final FetchReader reader;
    private final ColdReads coldReads;
    private final FetchSessions sessions;
    private final Cluster cluster;
    private final CompletableFuture<FetchResponse> answer = new CompletableFuture<>();
    private final AtomicLong missingBytes = new AtomicLong();
    private final List<Ticket> tickets = new ArrayList<>();
    private Timer.Deadline deadline;
    private boolean answered;

    FetchCall(
            RequestContext context,
            FetchScope scope,
            FetchLimits limits,
            FetchReader reader,
            ColdReads coldReads,
            FetchSessions sessions,
            Cluster cluster) {
        this.context = context;
        this.scope = scope;
        this.limits = limits;
        this.reader = reader;
        this.coldReads = coldReads;
        this.sessions = sessions;
        this.cluster = cluster;
    }

    CompletionStage<FetchResponse> answer() {
        return answer;
    }

    void start(Timer timer) {
        var recent = reader.readRecent(scope.targets(), limits.maxBytes(), limits.isolation(), limits.replica());
        if (recent != null) {
            go(() -> begin(recent, timer));
            return;
        }
        coldReads.threads().execute(() -> readCold(timer));
    }

    private void readCold(Timer timer) {
        try {
            var fetched = read();
            coldReads.warm(fetched);
            context.thread().execute(() -> go(() -> begin(fetched, timer)));
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
        }
    }

    /** A step that breaks is the answer: nobody else would give one. */
    private void go(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            end();
            answer.completeExceptionally(e);
        }
    }

    private void begin(List<FetchedPartition> fetched, Timer timer) {
        if (limits.maxWaitMs() <= 0 || satisfied(fetched)) {
            respond(fetched);
            return;
        }
        park(fetched);
        if (grownSince(fetched)) {
            look();
        }
        if (!answered) {
            deadline = timer.schedule(limits.maxWaitMs(), () -> context.thread().execute(() -> go(this::expire)));
        }
    }

    private List<FetchedPartition> read() {
        return reader.read(scope.targets(), limits.maxBytes(), limits.isolation(), limits.replica());
    }

    private boolean satisfied(List<FetchedPartition> fetched) {
        long size = 0;
        for (var one : fetched) {
            if (one.failed() || one.diverges()) {
                return true;
            }
            size += one.sizeBytes();
        }
        return fetched.isEmpty() || size >= limits.minBytes();
    }

    private void park(List<FetchedPartition> fetched) {
        expect(fetched);
        for (var one : fetched) {
            tickets.add(one.partition().waiters().add(this));
        }
    }

    /** Forgets what was read, and counts what is missing of the minimum. */
    private void expect(List<FetchedPartition> fetched) {
        long size = 0;
        for (var one : fetched) {
            size += one.sizeBytes();
            one.drop();
        }
        missingBytes.set(Math.max(1, limits.minBytes() - size));
    }

    /** Between the read and the parking a worker may have moved on without seeing the tickets. */
    private boolean grownSince(List<FetchedPartition> fetched) {
        for (var one : fetched) {
            if (FetchReader.end(one.partition().log().view(), limits.isolation()) != one.seenEndOffset()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void advanced(int newBytes) {
        long before = missingBytes.getAndAdd(-newBytes);
        if (before > 0 && before <= newBytes) {
            context.thread().execute(() -> go(this::look));
        }
    }

    private void look() {
        if (answered) {
            return;
        }
        var fetched = read();
        if (satisfied(fetched)) {
            respond(fetched);
            return;
        }
        expect(fetched);
        if (grownSince(fetched)) {
            context.thread().execute(() -> go(this::look));
        }
    }

    private void expire() {
        if (!answered) {
            respond(read());
        }
    }

    private void respond(List<FetchedPartition> fetched) {
        end();
        FetchResponse response = scope.answer(fetched, sessions, System.currentTimeMillis());
        for (var one : fetched) {
            if (one.failed()) {
                explain(one, response);
            }
            count(one);
        }
        answer.complete(response);
    }

    private void end() {
        if (answered) {
            return;
        }
        answered = true;
        if (deadline != null) {
            deadline.cancel();
        }
        tickets.forEach(Ticket::cancel);
    }

    private static void count(FetchedPartition fetched) {
        if (fetched.partition() == null) {
            return;
        }
        var telemetry = fetched.partition().telemetry();
        if (fetched.failed()) {
            telemetry.fetchFailed();
        } else {
            telemetry.fetched(fetched.sizeBytes());
        }
    }

    private void explain(FetchedPartition failed, FetchResponse response) {
        var data = failed.data();
        short code = data.errorCode();
        if (code == ErrorCode.KAFKA_STORAGE_ERROR.code()
                && context.apiVersion() <= LAST_WITHOUT_STORAGE_ERROR_VERSION) {
            data.errorCode(ErrorCode.NOT_LEADER_OR_FOLLOWER.code());
        }
        boolean elsewhere =
                code == ErrorCode.NOT_LEADER_OR_FOLLOWER.code() || code == ErrorCode.FENCED_LEADER_EPOCH.code();
        if (elsewhere && context.apiVersion() >= FIRST_LEADER_HINT_VERSION) {
            var target = failed.target();
            var leader = cluster.leaderOf(new TopicPartition(target.topic(), target.partition()));
            data.currentLeader().leaderId(leader.leaderId()).leaderEpoch(leader.epoch());
            cluster.node(leader.leaderId(), context.listenerName()).ifPresent(node -> addEndpoint(response, node));
        }
    }

    private static void addEndpoint(FetchResponse response, Cluster.Node node) {
        for (var known : response.nodeEndpoints()) {
            if (known.nodeId() == node.id()) {
                return;
            }
        }
        response.nodeEndpoints()
                .add(new FetchResponse.NodeEndpoint()
                        .nodeId(node.id())
                        .host(node.host())
                        .port(node.port())
                        .rack(node.rack()));
    }

    /**
     * What bounds a fetch.
     *
     * @param replica the client claims to be a replica
     */
    record FetchLimits(int maxWaitMs, int minBytes, int maxBytes, ReadIsolation isolation, boolean replica) {}
}
