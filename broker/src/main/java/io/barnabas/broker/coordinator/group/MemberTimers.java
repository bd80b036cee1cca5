package io.barnabas.broker.coordinator.group;

import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.broker.coordinator.Deadlines.Deadline;
import io.barnabas.broker.coordinator.Turn;

/** The timers of one member of a consumer group. When one rings, the member is removed. */
final class MemberTimers {
    private final Deadlines<Alarm> deadlines;
    private final Deadline<Alarm> session;
    private final Deadline<Alarm> revocation;
    private final Deadline<Alarm> rejoin;
    private final Deadline<Alarm> sync;

    MemberTimers(String groupId, String memberId, Deadlines<Alarm> deadlines) {
        this.deadlines = deadlines;
        this.session = timer(groupId, memberId, Alarm.MemberOverdue.What.HEARTBEAT);
        this.revocation = timer(groupId, memberId, Alarm.MemberOverdue.What.REVOCATION);
        this.rejoin = timer(groupId, memberId, Alarm.MemberOverdue.What.REJOIN);
        this.sync = timer(groupId, memberId, Alarm.MemberOverdue.What.SYNC);
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

    /** It was told to join again, now or earlier. */
    void awaitRejoin(int timeoutMs, Turn turn) {
        if (rejoin.dueMs() == Deadlines.NEVER) {
            deadlines.schedule(rejoin, turn.steadyMsIn(timeoutMs));
        }
    }

    void endRejoin() {
        deadlines.cancel(rejoin);
    }

    /** It has to ask for its assignment. */
    void startSync(int timeoutMs, Turn turn) {
        deadlines.schedule(sync, turn.steadyMsIn(timeoutMs));
    }

    void endSync() {
        deadlines.cancel(sync);
    }

    void cancel() {
        deadlines.cancel(session);
        deadlines.cancel(revocation);
        deadlines.cancel(rejoin);
        deadlines.cancel(sync);
    }
}
