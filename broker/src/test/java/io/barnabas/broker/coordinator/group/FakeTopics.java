package io.barnabas.broker.coordinator.group;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import io.barnabas.protocol.Uuid;

/** Topics by name with their partition counts; immutable. Ids are made of names and of how often a name was used. */
record FakeTopics(Map<String, TopicFacts> byName, long version, long creationVersion, long changeVersion)
        implements Topics {
    static final FakeTopics NONE = new FakeTopics(Map.of(), 1, 1, 1);
    /** Good enough where regular expressions are simple. */
    static final TopicPatterns PATTERNS = new TopicPatterns() {
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
            return Pattern.compile(regex).asMatchPredicate();
        }
    };

    FakeTopics with(String name, int partitions) {
        var known = byName.get(name);
        var id = known == null ? new Uuid(name.hashCode(), version) : known.id();
        var next = new TreeMap<>(byName);
        next.put(name, new TopicFacts(id, name, partitions, partition -> List.of()));
        return new FakeTopics(next, version + 1, known == null ? version + 1 : creationVersion, version + 1);
    }

    FakeTopics without(String name) {
        var next = new TreeMap<>(byName);
        next.remove(name);
        return new FakeTopics(next, version + 1, creationVersion, version + 1);
    }

    @Override
    public TopicFacts byName(String name) {
        return byName.get(name);
    }

    @Override
    public TopicFacts byId(Uuid id) {
        return byName.values().stream()
                .filter(topic -> topic.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    @Override
    public Collection<String> names() {
        return byName.keySet();
    }
}
