package io.barnabas.broker.coordinator.group;

import java.util.List;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;

/**
 * What follows when a member of a consumer group joins or is heard of: perhaps a new epoch, then perhaps a new target assignment, then
 * its own next step towards that. Decides only; the records go to the ledger afterwards. Lives for one request.
 */
final class MemberUpdate {
    private final ConsumerGroup group;
    private final ConsumerMember before;
    private final ConsumerMember after;
    private final Rules rules;
    private final Topics topics;
    private final ConsumerRecords records;
    private final Turn turn;
    private boolean subscriptionChanged;
    private boolean refresh;
    private boolean checked;
    private int epoch;
    private Subscription subscription;
    private MemberProgress progress;

    /**
     * What holds for all groups of a shard.
     *
     * @param maxBytes what is decided on one request takes as many at most
     */
    record Rules(ConsumerGroupConfig config, TopicHashes hashes, Regexes regexes, int maxBytes) {
        /** Null if the log takes these records. One that it refuses would cost all groups of the shard their coordinator for a moment. */
        Refusal tooLarge(ConsumerRecords records) {
            long sizeBytes = 0;
            for (var record : records.all()) {
                sizeBytes += record.sizeBytes();
            }
            return sizeBytes <= maxBytes
                    ? null
                    : new Refusal(
                            ErrorCode.UNKNOWN_SERVER_ERROR,
                            "What is to be recorded of the member and its group takes " + sizeBytes
                                    + " bytes, the limit is " + maxBytes + " (message.max.bytes).");
        }
    }

    /**
     * @param group before the update; it stays as it is
     * @param before the member as it is, or as it takes the place of its former self
     * @param after the member as it says it is
     */
    MemberUpdate(
            ConsumerGroup group,
            ConsumerMember before,
            ConsumerMember after,
            Rules rules,
            Topics topics,
            ConsumerRecords records,
            Turn turn) {
        this.group = group;
        this.before = before;
        this.after = after;
        this.rules = rules;
        this.topics = topics;
        this.records = records;
        this.turn = turn;
        this.epoch = group.generation();
        this.progress = after.progress();
    }

    /**
     * First: what the member says of itself, and what that means for the group's epoch.
     *
     * @param isStale there has to be a new assignment whatever this member subscribes to
     */
    void subscribe(boolean isStale) {
        if (after.profile() != before.profile()) {
            records.profile(after.id(), after.profile());
        }
        boolean named = !after.profile().topics().equals(before.profile().topics());
        var regex = rules.regexes().change(group, before.profile(), after.profile(), records);
        refresh = rules.regexes().needRefresh(group, before.profile(), after.profile(), turn);
        subscriptionChanged = named || regex != Regexes.Change.NONE;
        // While it is not known what a new regular expression stands for, an assignment would soon be void.
        boolean raise = isStale || named || regex == Regexes.Change.RESOLVED;
        checked = raise || group.checkedVersion() != topics.changeVersion();
        if (checked) {
            subscription = Subscription.update(group, raise, before, after, rules.hashes(), topics, records);
            epoch = subscription.epoch();
        }
    }

    /** Why the epoch rose, if it did and the member is not new. */
    Cause causeOfChange() {
        return subscriptionChanged ? Cause.SUBSCRIPTION_CHANGED : Cause.TOPICS_CHANGED;
    }

    /** The group's epoch from now on. */
    int epoch() {
        return epoch;
    }

    /**
     * Then: a target assignment, if one is due, and the member's next step.
     *
     * @param reported what the member says it has; null if it does not say
     */
    void advance(List<TopicPartitions> reported) {
        reconcile(target(), reported);
    }

    /** As {@link #advance}, towards the target there is. */
    void advanceToRecordedTarget(List<TopicPartitions> reported) {
        reconcile(TargetAssignment.recorded(group, after), reported);
    }

    private TargetAssignment target() {
        int intervalMs = rules.config().pace().apply(group.id()).assignmentIntervalMs();
        long ageMs = turn.epochMs() - group.targetTimestampMs();
        // A target from the future tells only that the clock was set back: nobody is to wait for that.
        boolean tooEarly = group.targetTimestampMs() != 0 && ageMs >= 0 && ageMs < intervalMs;
        if (group.targetEpoch() >= epoch || tooEarly) {
            return TargetAssignment.recorded(group, after);
        }
        boolean homogeneous = subscription == null
                ? Subscription.isHomogeneousAfter(group, before, after)
                : subscription.homogeneous();
        return TargetAssignment.compute(
                group, epoch, before, after, homogeneous, rules.config(), topics, turn.epochMs(), records);
    }

    private void reconcile(TargetAssignment target, List<TopicPartitions> reported) {
        if (subscriptionChanged || !progress.hasReached(target.epoch())) {
            progress = new Reconciliation(group, after, target.epoch(), target.partitions(), reported, topics)
                    .next(subscriptionChanged);
        }
        if (hasMoved()) {
            records.progress(after.id(), progress);
        }
    }

    /** The member as it is from now on. */
    ConsumerMember member() {
        return after.with(progress);
    }

    /** Whether topics are looked through for regular expressions right after this. */
    boolean resolvesRegexes() {
        return refresh;
    }

    boolean hasMoved() {
        return progress != after.progress();
    }

    /** Last, when the records are written: what is not recorded. */
    void settle(ConsumerGroup live) {
        if (checked) {
            live.checkedVersion(topics.changeVersion());
        }
        if (refresh) {
            rules.regexes().refreshSoon(live, turn);
        }
        var timers = live.timers(after.id());
        if (!after.profile().speaksClassic()) {
            timers.endRejoin();
            timers.endSync();
        }
        if (hasMoved()
                && progress.state() == MemberState.UNREVOKED_PARTITIONS
                && !after.profile().speaksClassic()) {
            timers.startRevocation(after.profile().rebalanceTimeoutMs(), turn);
        } else if (hasMoved()) {
            timers.endRevocation();
        }
    }
}
