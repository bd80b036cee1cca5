package io.barnabas.broker.shard;

import java.util.Optional;
import java.util.function.Predicate;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.barnabas.broker.coordinator.group.TopicPatterns;

/** Regular expressions by RE2/J, as Kafka has them. Stateless, any thread. */
final class Re2Patterns implements TopicPatterns {
    @Override
    public Optional<String> flaw(String regex) {
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
