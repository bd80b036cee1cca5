package io.barnabas.broker.coordinator.group;

import java.util.HashSet;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;

/**
 * Subscriptions by regular expression. Which topics one stands for is found out after the heartbeat that brought it, for all of the
 * group's at once, and found out anew when topics were created, but not more often than {@link #LEAST_INTERVAL_MS}, and at the
 * latest after {@code group.consumer.regex.refresh.interval.ms}; the next heartbeat acts on it.
 */
final class Regexes {
    private static final long LEAST_INTERVAL_MS = 10_000;

    private final ConsumerGroupConfig config;
    private final Groups groups;
    private final Supplier<Topics> topics;
    private final TopicPatterns patterns;
    private final TopicHashes hashes;
    private final Deadlines<Alarm> deadlines;
    private final ConsumerRebalances rebalances;
    private final Ledger ledger;

    Regexes(
            ConsumerGroupConfig config,
            Groups groups,
            Supplier<Topics> topics,
            TopicPatterns patterns,
            TopicHashes hashes,
            Deadlines<Alarm> deadlines,
            ConsumerRebalances rebalances,
            Ledger ledger) {
        this.config = config;
        this.groups = groups;
        this.topics = topics;
        this.patterns = patterns;
        this.hashes = hashes;
        this.deadlines = deadlines;
        this.rebalances = rebalances;
        this.ledger = ledger;
    }

    /** What a heartbeat did to its member's regular expression. */
    enum Change {
        NONE,
        /** What the new one stands for is not known yet. */
        UNRESOLVED,
        /** What the new one stands for is known, or there is none any more. */
        RESOLVED
    }

    /** Null if a member may subscribe so. */
    Refusal refusal(ConsumerGroup group, MemberProfile before, MemberProfile after) {
        boolean isNew = after.hasRegex()
                && !after.regex().equals(before.regex())
                && !group.interest().regexes().containsKey(after.regex());
        if (!isNew) {
            return null;
        }
        return patterns.flaw(after.regex())
                .map(flaw -> new Refusal(
                        ErrorCode.INVALID_REGULAR_EXPRESSION,
                        "The regular expression '" + after.regex() + "' cannot be used: " + flaw))
                .orElse(null);
    }

    /** The subscription passed {@link #refusal}. */
    Change change(ConsumerGroup group, MemberProfile before, MemberProfile after, ConsumerRecords records) {
        if (Objects.equals(before.regex(), after.regex())) {
            return Change.NONE;
        }
        var regexes = group.interest().regexes();
        if (before.hasRegex() && regexes.getOrDefault(before.regex(), 0) == 1) {
            records.regexGone(before.regex());
        }
        if (after.hasRegex()) {
            return group.interest().resolved(after.regex()) != null && regexes.containsKey(after.regex())
                    ? Change.RESOLVED
                    : Change.UNRESOLVED;
        }
        return before.hasRegex() ? Change.RESOLVED : Change.UNRESOLVED;
    }

    /** Whether the group's regular expressions are to be resolved now, one member's having changed. */
    boolean needRefresh(ConsumerGroup group, MemberProfile before, MemberProfile after, Turn turn) {
        var interest = group.interest();
        boolean brings = after.hasRegex()
                && !after.regex().equals(before.regex())
                && !interest.regexes().containsKey(after.regex());
        if (!brings && interest.regexes().isEmpty() || group.isRegexRefreshDue()) {
            return false;
        }
        long lastMs = Long.MIN_VALUE;
        long lastVersion = 0;
        for (var known : interest.resolved().values()) {
            lastMs = Math.max(lastMs, known.timestampMs());
            lastVersion = Math.max(lastVersion, known.version());
        }
        long ageMs = lastMs == Long.MIN_VALUE ? Long.MAX_VALUE : turn.epochMs() - lastMs;
        if (ageMs >= 0 && ageMs <= LEAST_INTERVAL_MS) {
            return false;
        }
        int wanted = before == after
                ? interest.regexes().size()
                : interest.afterChange(before, after).regexes().size();
        boolean stale = wanted != interest.resolved().size()
                || lastVersion < topics.get().creationVersion()
                || ageMs < 0
                || ageMs > config.regexRefreshIntervalMs();
        return (brings || stale) && wanted > 0;
    }

    /** Resolves the group's regular expressions as soon as what is decided now is done. */
    void refreshSoon(ConsumerGroup group, Turn turn) {
        group.regexRefreshDue(true);
        deadlines.schedule(
                deadlines.timer("regexes " + group.id(), new Alarm.RegexesDue(group.id())), turn.steadyMsIn(0));
    }

    void refresh(String groupId, Turn turn) {
        if (!(groups.find(groupId) instanceof ConsumerGroup group)) {
            return;
        }
        group.regexRefreshDue(false);
        var now = topics.get();
        var records = new ConsumerRecords(groupId);
        var interest = group.interest().copy();
        boolean changed = false;
        for (String regex : group.interest().regexes().keySet()) {
            var before = interest.resolved(regex);
            var after = new ResolvedRegex(matching(regex, now), now.version(), turn.epochMs());
            changed |=
                    !(before == null ? ResolvedRegex.NOTHING : before).topics().equals(after.topics());
            interest.resolve(regex, after);
            records.regex(regex, after);
        }
        long hash = hashes.of(interest.topics(), now);
        var before = ConsumerRebalances.Before.of(group);
        if (changed || hash != group.metadataHash()) {
            records.epoch(group.generation() + 1, hash);
        }
        ledger.write(records.all(), turn);
        if (group.generation() != before.epoch()) {
            rebalances.begun(
                    group,
                    before,
                    changed ? Cause.REGEX_CHANGED : Cause.TOPICS_CHANGED,
                    "regular expressions stand for other topics now",
                    turn);
        }
        group.checkedVersion(now.changeVersion());
    }

    private HashSet<String> matching(String regex, Topics now) {
        var found = new HashSet<String>();
        // One that passed an earlier release's check may have a flaw: it stands for nothing.
        Predicate<String> pattern = patterns.flaw(regex).isPresent() ? name -> false : patterns.compile(regex);
        for (String name : now.names()) {
            if (pattern.test(name)) {
                found.add(name);
            }
        }
        return found;
    }
}
