package io.barnabas.broker.coordinator.group;

import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.broker.coordinator.Deadlines.Deadline;
import io.barnabas.broker.coordinator.Turn;

/** The timers of one member of a consumer group. When one rings, the member is removed. */
final class MemberTimers {
    private final Deadlines<Alarm> deadlines;
    private final Deadline<Alarm> session;
    private final Deadline<Alarm> revocation;

    MemberTimers(String groupId, String memberId, Deadlines<Alarm> deadlines) {
        this.deadlines = deadlines;
        this.session = timer(groupId, memberId, Alarm.MemberOverdue.What.HEARTBEAT);
        this.revocation = timer(groupId, memberId, Alarm.MemberOverdue.What.REVOCATION);
    }

    private Deadline<Alarm> timer(String groupId, String memberId, Alarm.MemberOverdue.What what) {
        return deadlines.timer(what + " " + groupId + " " + memberId, new Alarm.MemberOverdue(groupId, memberId, what));
    }

    /** It was heard of. */
    void startSession(int timeoutMs, Turn turn) {
        deadlines.schedule(session, turn.steadyMsIn(timeoutMs));
    }

    /** It has to give up partitions. */
    void startRevocation(int timeoutMs, Turn turn) {
        deadlines.schedule(revocation, turn.steadyMsIn(timeoutMs));
    }

    void endRevocation() {
        deadlines.cancel(revocation);
    }

    void cancel() {
        deadlines.cancel(session);
        deadlines.cancel(revocation);
    }
}
