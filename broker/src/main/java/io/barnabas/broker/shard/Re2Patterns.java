package io.barnabas.broker.shard;

import java.util.Optional;
import java.util.function.Predicate;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.barnabas.broker.coordinator.group.TopicPatterns;

/** Regular expressions by RE2/J, as Kafka has them, but none that would take the broker's memory. Stateless, any thread. */
final class Re2Patterns implements TopicPatterns {
    /** What repetitions may add to an expression, in steps; each takes some 100 bytes while the expression is compared. */
    private static final int MOST_REPEATED_STEPS = 10_000;

    private static final int DEEPEST = 250;

    @Override
    public Optional<String> flaw(String regex) {
        var size = RegexSize.of(regex);
        if (size.steps() - regex.length() > MOST_REPEATED_STEPS) {
            return Optional.of("its repetitions come to more than " + MOST_REPEATED_STEPS + " steps");
        }
        if (size.depth() > DEEPEST) {
            return Optional.of("its groups are nested more than " + DEEPEST + " deep");
        }
        try {
            Pattern.compile(regex);
            return Optional.empty();
        } catch (PatternSyntaxException e) {
            return Optional.of(e.getDescription());
        }
    }

    @Override
    public Predicate<String> compile(String regex) {
        var pattern = Pattern.compile(regex);
        return pattern::matches;
    }
}
