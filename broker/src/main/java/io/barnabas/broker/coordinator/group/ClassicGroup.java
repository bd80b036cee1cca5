package io.barnabas.broker.coordinator.group;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.broker.coordinator.Deadlines.Deadline;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.barnabas.protocol.message.JoinGroupResponse;
import io.barnabas.protocol.message.SyncGroupResponse;

/**
 * A group whose members assign among themselves (KIP-62, 345, 394, 559). Holds how far it is and who waits for what; who is in it is in
 * {@link ClassicMembers}, and when to move on is decided by {@link Rebalance}.
 */
final class ClassicGroup implements Group {
    static final String TYPE = "classic";
    static final String CONSUMER_PROTOCOL = "consumer";

    private final String id;
    private final Deadlines<Alarm> deadlines;
    private final Deadline<Alarm> joinTimer;
    private final Deadline<Alarm> syncTimer;
    private final ClassicMembers members = new ClassicMembers();
    /** Given an id, not joined yet (KIP-394). */
    private final Map<String, Deadline<Alarm>> pendingMembers = new LinkedHashMap<>();

    private final Set<String> pendingSyncs = new LinkedHashSet<>();
    private int joinWaiters;

    private final Standing standing = new Standing(GroupState.EMPTY.count());
    private GroupState state = GroupState.EMPTY;
    private GroupState previousState = GroupState.EMPTY;
    private long stateSinceEpochMs;
    private int generation;
    private String protocolType;
    private String protocolName;
    private Set<String> subscribedTopics;
    private long initialDelayLimitMs = Deadlines.NEVER;
    private int settledSize;

    ClassicGroup(String id, Deadlines<Alarm> deadlines, long nowEpochMs) {
        this.id = id;
        this.deadlines = deadlines;
        this.stateSinceEpochMs = nowEpochMs;
        this.joinTimer = deadlines.timer("join " + id, new Alarm.JoinOver(this));
        this.syncTimer = deadlines.timer("sync " + id, new Alarm.SyncOver(this));
    }

    /** As a GroupMetadata record tells it. @param stateSinceEpochMs -1 if unknown (old records) */
    void restore(int generation, String protocolType, String protocolName, String leaderId, long stateSinceEpochMs) {
        this.generation = generation;
        this.protocolType = protocolType == null || protocolType.isEmpty() ? null : protocolType;
        this.protocolName = protocolName;
        members.restoreLeader(leaderId);
        this.stateSinceEpochMs = stateSinceEpochMs;
    }

    /** As a GroupMetadata record tells it, in a group not stable yet; {@link #restored} follows. */
    void restore(Member member) {
        put(member);
    }

    void restored() {
        if (!members.isEmpty()) {
            state = GroupState.STABLE;
            standing.move(state.count());
        }
        settledSize = members.size();
        subscribedTopics = Subscriptions.of(this);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public String protocolTypeText() {
        return protocolType == null ? "" : protocolType;
    }

    @Override
    public String stateText() {
        return state.text();
    }

    @Override
    public boolean isEmpty() {
        return state == GroupState.EMPTY;
    }

    @Override
    public int settledSize() {
        return settledSize;
    }

    /** Of a group that was another before. */
    void settledSize(int members) {
        settledSize = members;
    }

    @Override
    public Standing standing() {
        return standing;
    }

    GroupState state() {
        return state;
    }

    boolean isIn(GroupState one) {
        return state == one;
    }

    void moveTo(GroupState next, Turn turn) {
        previousState = state;
        state = next;
        standing.move(next.count());
        if (next == GroupState.STABLE || next == GroupState.EMPTY) {
            settledSize = members.size();
        }
        stateSinceEpochMs = turn.epochMs();
    }

    /** Calling the first members together, possibly with a delay. */
    boolean isInInitialRebalance() {
        return state == GroupState.PREPARING_REBALANCE && previousState == GroupState.EMPTY;
    }

    /** -1 if unknown. */
    long stateSinceEpochMs() {
        return stateSinceEpochMs;
    }

    @Override
    public int generation() {
        return generation;
    }

    /** Null before the first member joined. */
    String protocolType() {
        return protocolType;
    }

    /** Null while no generation is complete. */
    String protocolName() {
        return protocolName;
    }

    boolean usesConsumerProtocol() {
        return CONSUMER_PROTOCOL.equals(protocolType);
    }

    /** Null if the members' subscriptions are not known. */
    Set<String> subscribedTopics() {
        return subscribedTopics;
    }

    /** A consumer group whose subscriptions are not known counts as subscribed to everything. */
    @Override
    public boolean isSubscribedTo(String topic) {
        return subscribedTopics == null ? usesConsumerProtocol() : subscribedTopics.contains(topic);
    }

    ClassicMembers members() {
        return members;
    }

    @Override
    public int size() {
        return members.size();
    }

    int joinWaiters() {
        return joinWaiters;
    }

    boolean allJoined() {
        return members.size() == joinWaiters && pendingMembers.isEmpty();
    }

    /** Whether a member with these protocols leaves the group at least one that all support. */
    boolean supports(String type, List<JoinGroupRequestProtocol> protocols) {
        if (state == GroupState.EMPTY) {
            return !type.isEmpty() && !protocols.isEmpty();
        }
        if (!type.equals(protocolType)) {
            return false;
        }
        return members.supportAnyOf(protocols);
    }

    Deadline<Alarm> newSession(String memberId) {
        return deadlines.timer("session " + id + " " + memberId, new Alarm.SessionOver(this, memberId));
    }

    void startSession(Member member, int timeoutMs, Turn turn) {
        deadlines.schedule(member.session(), turn.steadyMsIn(timeoutMs));
    }

    void startSession(Member member, Turn turn) {
        startSession(member, member.sessionTimeoutMs(), turn);
    }

    void addPending(String memberId, int sessionTimeoutMs, Turn turn) {
        var session = newSession(memberId);
        pendingMembers.put(memberId, session);
        deadlines.schedule(session, turn.steadyMsIn(sessionTimeoutMs));
    }

    boolean isPending(String memberId) {
        return pendingMembers.containsKey(memberId);
    }

    /** False if it was not pending. */
    boolean removePending(String memberId) {
        var session = pendingMembers.remove(memberId);
        if (session != null) {
            deadlines.cancel(session);
        }
        return session != null;
    }

    void add(Member member, Pending join) {
        removePending(member.id());
        put(member);
        awaitJoin(member, join);
    }

    private void put(Member member) {
        if (members.isEmpty()) {
            protocolType = member.protocolType();
        }
        if (!Objects.equals(protocolType, member.protocolType())) {
            throw new IllegalStateException("Member " + member + " of type " + member.protocolType()
                    + " does not fit group " + id + " of type " + protocolType);
        }
        members.put(member);
    }

    void update(
            Member member,
            List<JoinGroupRequestProtocol> protocols,
            int rebalanceTimeoutMs,
            int sessionTimeoutMs,
            Pending join) {
        members.update(member, protocols, rebalanceTimeoutMs, sessionTimeoutMs);
        awaitJoin(member, join);
    }

    private void awaitJoin(Member member, Pending join) {
        joinWaiters += (join == null ? 0 : 1) - (member.awaitsJoin() ? 1 : 0);
        member.joinWaiter(join);
    }

    /** Removes a member, if it is one, and its timer; a JoinGroup of it that waits is answered with UNKNOWN_MEMBER_ID. */
    void remove(String memberId, Turn turn) {
        removePending(memberId);
        var member = members.get(memberId);
        if (member == null) {
            return;
        }
        answerJoin(member, new JoinGroupResponse().errorCode(ErrorCode.UNKNOWN_MEMBER_ID.code()), turn);
        answerSync(member, new SyncGroupResponse().errorCode(ErrorCode.UNKNOWN_MEMBER_ID.code()), turn);
        deadlines.cancel(member.session());
        members.remove(member);
        pendingSyncs.remove(memberId);
    }

    /** Puts a returning static member in its own place under a new id; requests of its former self are fenced (KIP-345). */
    Member replaceStatic(Member old, String newId, Turn turn) {
        var fenced = ErrorCode.FENCED_INSTANCE_ID.code();
        answerJoin(old, new JoinGroupResponse().memberId(old.id()).errorCode(fenced), turn);
        answerSync(old, new SyncGroupResponse().errorCode(fenced), turn);
        deadlines.cancel(old.session());
        var renamed = old.renamed(newId, newSession(newId));
        members.replace(old, renamed);
        return renamed;
    }

    /** Does nothing if none waits. */
    void answerJoin(Member member, JoinGroupResponse response, Turn turn) {
        if (member.awaitsJoin()) {
            turn.reply(member.joinWaiter(), response);
            awaitJoin(member, null);
        }
    }

    /** False if none waits. */
    boolean answerSync(Member member, SyncGroupResponse response, Turn turn) {
        if (!member.awaitsSync()) {
            return false;
        }
        turn.reply(member.syncWaiter(), response);
        member.syncWaiter(null);
        return true;
    }

    void beginNextGeneration(Turn turn) {
        generation++;
        protocolName = members.isEmpty() ? null : members.mostWantedProtocol();
        subscribedTopics = Subscriptions.of(this);
        moveTo(members.isEmpty() ? GroupState.EMPTY : GroupState.COMPLETING_REBALANCE, turn);
        pendingSyncs.clear();
    }

    Set<String> pendingSyncs() {
        return pendingSyncs;
    }

    Deadline<Alarm> joinTimer() {
        return joinTimer;
    }

    Deadline<Alarm> syncTimer() {
        return syncTimer;
    }

    /** Steady time until which the first rebalance may be put off; {@link Deadlines#NEVER} if it is not being put off. */
    long initialDelayLimitMs() {
        return initialDelayLimitMs;
    }

    void initialDelayLimitMs(long limitMs) {
        initialDelayLimitMs = limitMs;
    }

    /** The group is gone. */
    @Override
    public void cancelTimers() {
        deadlines.cancel(joinTimer);
        deadlines.cancel(syncTimer);
        members.forEach(member -> deadlines.cancel(member.session()));
        pendingMembers.values().forEach(deadlines::cancel);
    }
}
