package io.barnabas.broker.shard;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.broker.coordinator.CoordinatorRecord;

/**
 * What a shard decided and has not been told yet: records wait to be appended, answers for the records before them to be committed.
 * Worker only.
 */
final class Outbox {
    private final List<Unit> records = new ArrayList<>();
    private final ArrayDeque<Answers> waiting = new ArrayDeque<>();
    private Answers open = new Answers();

    /**
     * What was decided at once.
     *
     * @param atomic whether the records must be in one batch
     */
    record Unit(List<CoordinatorRecord> records, boolean atomic) {}

    /** Given together, when the records that were decided before them are committed. */
    static final class Answers {
        private final List<Runnable> answers = new ArrayList<>();
        private boolean committed;
    }

    boolean hasRecords() {
        return !records.isEmpty();
    }

    void add(List<CoordinatorRecord> decided, boolean atomic) {
        records.add(new Unit(decided, atomic));
    }

    /** Gives an answer now, or when all decided so far is committed. */
    void answer(Runnable answer) {
        if (hasRecords()) {
            open.answers.add(answer);
        } else if (!waiting.isEmpty()) {
            waiting.getLast().answers.add(answer);
        } else {
            answer.run();
        }
    }

    /** Takes the records that wait; when they are committed, {@link #committed} is to be told. */
    List<Unit> takeRecords() {
        var taken = List.copyOf(records);
        records.clear();
        return taken;
    }

    /** The answers that wait for the records taken last. */
    Answers close() {
        var closed = open;
        open = new Answers();
        waiting.add(closed);
        return closed;
    }

    void committed(Answers group) {
        group.committed = true;
        while (!waiting.isEmpty() && waiting.getFirst().committed) {
            waiting.removeFirst().answers.forEach(Runnable::run);
        }
    }
}
