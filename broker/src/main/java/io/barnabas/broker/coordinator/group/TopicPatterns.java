package io.barnabas.broker.coordinator.group;

import java.util.Optional;
import java.util.function.Predicate;

/** Regular expressions over topic names, in the syntax of RE2, which takes linear time whatever the expression (KIP-848). */
public interface TopicPatterns {
    /** What is wrong with the expression; empty if it can be used. */
    Optional<String> flaw(String regex);

    /** Tells the topics that match as a whole. The expression has no flaw. */
    Predicate<String> compile(String regex);
}
