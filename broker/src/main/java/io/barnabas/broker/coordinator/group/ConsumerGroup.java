package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.coordinator.ConsumerGroupMetadataValue;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMetadataValue;

/**
 * A group whose members the broker assigns (KIP-848). Holds what its records add up to, and nothing changes it but records, apart
 * from timers: decisions are written first. Its epoch rises with every change of members or subscriptions; a target assignment
 * follows it; members then move to the target's epoch one by one, each when it has given up what it must.
 */
final class ConsumerGroup implements Group {
    static final String TYPE = "consumer";
    /** Epoch of a target assignment that is gone. */
    private static final int NO_TARGET = -1;

    private static final int FIRST_EPOCH = 1;

    private final String id;
    private final Deadlines<Alarm> deadlines;
    private final Map<String, ConsumerMember> members = new HashMap<>();
    private final Map<String, String> staticMembers = new HashMap<>();
    private final Map<String, Map<Uuid, Set<Integer>>> targets = new HashMap<>();
    private final Map<Uuid, Map<Integer, String>> owners = new HashMap<>();
    private final Map<String, MemberTimers> timers = new HashMap<>();
    private final Interest interest = new Interest();
    private int epoch = FIRST_EPOCH;
    private long metadataHash;
    private int targetEpoch = FIRST_EPOCH;
    private long targetTimestampMs;
    private int classicMembers;
    private boolean hasPartitionMetadata;
    private long checkedVersion = -1;
    private boolean regexRefreshDue;
    private final Standing standing = new Standing(ConsumerState.EMPTY.count());
    private ConsumerState state = ConsumerState.EMPTY;
    /** Members that have reached the target. */
    private int arrived;

    private int settledSize;

    ConsumerGroup(String id, Deadlines<Alarm> deadlines) {
        this.id = id;
        this.deadlines = deadlines;
    }

    // ---- records ----

    void evolve(ConsumerGroupMetadataValue value) {
        epoch = value.epoch();
        metadataHash = value.metadataHash();
        moveOn();
    }

    private void moveOn() {
        if (members.isEmpty()) {
            state = ConsumerState.EMPTY;
        } else if (epoch > targetEpoch) {
            state = ConsumerState.ASSIGNING;
        } else {
            state = arrived < members.size() ? ConsumerState.RECONCILING : ConsumerState.STABLE;
        }
        standing.move(state.count());
    }

    /** @param value null: the target is gone */
    void evolve(ConsumerGroupTargetAssignmentMetadataValue value) {
        targetEpoch = value == null ? NO_TARGET : value.assignmentEpoch();
        targetTimestampMs = value == null ? 0 : value.assignmentTimestamp();
        arrived = 0;
        for (var member : members.values()) {
            arrived += arrival(member);
        }
        moveOn();
    }

    private int arrival(ConsumerMember member) {
        return member != null && member.progress().hasReached(targetEpoch) ? 1 : 0;
    }

    /** @param regex in use; @param value null: it is not in use any more */
    void evolve(String regex, ResolvedRegex value) {
        interest.resolve(regex, value);
    }

    /** Whether topics' partition counts are in the log, as releases before 4.1 wrote them. */
    void evolvePartitionMetadata(boolean present) {
        hasPartitionMetadata = present;
    }

    /** @param next null: the member has no target */
    void evolveTarget(String memberId, Map<Uuid, Set<Integer>> next) {
        if (next == null) {
            targets.remove(memberId);
        } else {
            targets.put(memberId, next);
        }
    }

    void evolve(String memberId, MemberProfile profile) {
        put(members.getOrDefault(memberId, ConsumerMember.unknown(memberId)).with(profile));
    }

    void evolve(String memberId, MemberProgress progress) {
        put(members.getOrDefault(memberId, ConsumerMember.unknown(memberId)).with(progress));
    }

    /** The member has lost its assignment. */
    void evolveProgressGone(String memberId) {
        var member = members.get(memberId);
        if (member != null) {
            put(member.with(MemberProgress.LOST));
        }
    }

    private void put(ConsumerMember next) {
        var before = members.put(next.id(), next);
        if (before == null || before.profile() != next.profile()) {
            count(before, next);
        }
        if (before == null || before.progress() != next.progress()) {
            disown(before);
            own(next.id(), next.progress().assigned());
            own(next.id(), next.progress().revoking());
        }
        if (next.profile().isStatic()) {
            staticMembers.put(next.profile().instanceId(), next.id());
        }
        arrived += arrival(next) - arrival(before);
        moveOn();
    }

    void evolveGone(String memberId) {
        var member = members.remove(memberId);
        if (member == null) {
            return;
        }
        count(member, null);
        disown(member);
        if (member.profile().isStatic()) {
            staticMembers.remove(member.profile().instanceId(), memberId);
        }
        var running = timers.remove(memberId);
        if (running != null) {
            running.cancel();
        }
        arrived -= arrival(member);
        moveOn();
    }

    private void count(ConsumerMember before, ConsumerMember after) {
        interest.replace(before == null ? null : before.profile(), after == null ? null : after.profile());
        classicMembers += (after != null && after.profile().speaksClassic() ? 1 : 0)
                - (before != null && before.profile().speaksClassic() ? 1 : 0);
    }

    private void own(String memberId, Map<Uuid, Map<Integer, Integer>> partitions) {
        partitions.forEach((topic, epochs) -> {
            var owned = owners.computeIfAbsent(topic, missing -> new HashMap<>());
            epochs.keySet().forEach(partition -> owned.put(partition, memberId));
        });
    }

    private void disown(ConsumerMember member) {
        if (member != null) {
            disown(member.id(), member.progress().assigned());
            disown(member.id(), member.progress().revoking());
        }
    }

    private void disown(String memberId, Map<Uuid, Map<Integer, Integer>> partitions) {
        partitions.forEach((topic, epochs) -> {
            var owned = owners.get(topic);
            if (owned != null) {
                epochs.keySet().forEach(partition -> owned.remove(partition, memberId));
                if (owned.isEmpty()) {
                    owners.remove(topic);
                }
            }
        });
    }

    // ---- what is known ----

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
        return ClassicGroup.CONSUMER_PROTOCOL;
    }

    @Override
    public String stateText() {
        return state.text();
    }

    ConsumerState state() {
        return state;
    }

    @Override
    public int settledSize() {
        return settledSize;
    }

    @Override
    public Standing standing() {
        return standing;
    }

    @Override
    public int generation() {
        return epoch;
    }

    @Override
    public int size() {
        return members.size();
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty();
    }

    @Override
    public boolean isSubscribedTo(String topic) {
        return interest.includes(topic);
    }

    Collection<ConsumerMember> members() {
        return members.values();
    }

    /** Null if it is no member. */
    ConsumerMember member(String memberId) {
        return members.get(memberId);
    }

    /** Null if no member has this instance id. */
    ConsumerMember staticMember(String instanceId) {
        var memberId = instanceId == null ? null : staticMembers.get(instanceId);
        return memberId == null ? null : members.get(memberId);
    }

    /** Live: copy it before asking what would be. */
    Interest interest() {
        return interest;
    }

    /** Over the topics subscribed to, as recorded with the epoch. */
    long metadataHash() {
        return metadataHash;
    }

    /** -1 if there is no target; behind {@link #generation} while one is due. */
    int targetEpoch() {
        return targetEpoch;
    }

    /** 0 if unknown. */
    long targetTimestampMs() {
        return targetTimestampMs;
    }

    /** Empty if it has none; not to be changed. */
    Map<Uuid, Set<Integer>> target(String memberId) {
        return targets.getOrDefault(memberId, Map.of());
    }

    /** Whether it is on record, if only as nothing. */
    boolean hasTarget(String memberId) {
        return targets.containsKey(memberId);
    }

    /** What a member is to have: a static one that comes under a new id, what its former self was to have. */
    Map<Uuid, Set<Integer>> targetOf(ConsumerMember member) {
        var former = staticMember(member.profile().instanceId());
        if (!member.profile().isStatic()) {
            return target(member.id());
        }
        return former == null ? Map.of() : target(former.id());
    }

    /** What a new assignment starts from for a member, which may take the place of its former self. */
    Map<Uuid, Set<Integer>> targetBefore(ConsumerMember member) {
        var former = staticMember(member.profile().instanceId());
        return target(former == null ? member.id() : former.id());
    }

    /** Whether a member has the partition, or has still to give it up. */
    boolean isOwned(Uuid topic, int partition) {
        return owners.getOrDefault(topic, Map.of()).containsKey(partition);
    }

    boolean hasPartitionMetadata() {
        return hasPartitionMetadata;
    }

    /** How many members speak the classic protocol. */
    int classicMembers() {
        return classicMembers;
    }

    /** Whether all of them can follow an assignor of theirs; true if there are none. */
    boolean classicMembersSupport(String protocol) {
        return members.values().stream()
                .map(member -> member.profile().classic())
                .filter(classic -> classic != null)
                .allMatch(classic -> classic.supportedProtocols().stream()
                        .anyMatch(supported -> supported.name().equals(protocol)));
    }

    /** The assignor most members ask for; null if none asks. @param before one member as it is, null if new; @param after as it will be */
    String preferredAssignor(ConsumerMember before, ConsumerMember after) {
        var votes = new HashMap<String, Integer>();
        members.values().forEach(member -> vote(votes, member, 1));
        vote(votes, before, -1);
        vote(votes, after, 1);
        String winner = null;
        for (var entry : votes.entrySet()) {
            if (winner == null || entry.getValue() > votes.get(winner)) {
                winner = entry.getKey();
            }
        }
        return winner;
    }

    private static void vote(Map<String, Integer> votes, ConsumerMember member, int step) {
        if (member != null && member.profile().assignor() != null) {
            votes.merge(member.profile().assignor(), step, (a, b) -> a + b == 0 ? null : a + b);
        }
    }

    /** A copy. */
    List<String> memberIds() {
        return new ArrayList<>(members.keySet());
    }

    // ---- not recorded ----

    void settledSize(int members) {
        settledSize = members;
    }

    /** The {@link Topics#changeVersion} the hash was last compared with; -1 if never. */
    long checkedVersion() {
        return checkedVersion;
    }

    void checkedVersion(long version) {
        checkedVersion = version;
    }

    /** Whether regular expressions are about to be resolved. */
    boolean isRegexRefreshDue() {
        return regexRefreshDue;
    }

    void regexRefreshDue(boolean due) {
        regexRefreshDue = due;
    }

    /** Of one member. */
    MemberTimers timers(String memberId) {
        return timers.computeIfAbsent(memberId, missing -> new MemberTimers(id, memberId, deadlines));
    }

    @Override
    public void cancelTimers() {
        timers.values().forEach(MemberTimers::cancel);
    }
}
