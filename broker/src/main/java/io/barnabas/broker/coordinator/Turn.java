package io.barnabas.broker.coordinator;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.protocol.wire.Message;

/** Collects what one event leads to. Lives for one decision. */
public final class Turn {
    private final Moment now;
    private List<CoordinatorRecord> records = List.of();
    private List<Reply> replies = List.of();
    private List<Notice> notices = List.of();
    private boolean atomic = true;

    public Turn(Moment now) {
        this.now = now;
    }

    /** Wall-clock time, for records. */
    public long epochMs() {
        return now.epochMs();
    }

    /** The time {@code delayMs} from now by the steady clock, for timers. */
    public long steadyMsIn(long delayMs) {
        return now.steadyMs() + delayMs;
    }

    public long steadyMs() {
        return now.steadyMs();
    }

    public void reply(Pending to, Message response) {
        if (replies.isEmpty()) {
            replies = new ArrayList<>(2);
        }
        replies.add(new Reply(to, response));
    }

    public void record(CoordinatorRecord record) {
        if (records.isEmpty()) {
            records = new ArrayList<>();
        }
        records.add(record);
    }

    /** To be called with a list that is not changed afterwards. */
    public void records(List<CoordinatorRecord> all) {
        if (records.isEmpty()) {
            records = all;
        } else {
            records.addAll(all);
        }
    }

    /** These records may be spread over several batches. */
    public void mayBeSplit() {
        atomic = false;
    }

    public void notice(Notice notice) {
        if (notices.isEmpty()) {
            notices = new ArrayList<>(2);
        }
        notices.add(notice);
    }

    public boolean hasRecords() {
        return !records.isEmpty();
    }

    public List<CoordinatorRecord> records() {
        return records;
    }

    public Decision decision() {
        return new Decision(records, atomic, replies, notices);
    }
}
