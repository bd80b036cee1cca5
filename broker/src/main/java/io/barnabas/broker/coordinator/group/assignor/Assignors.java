package io.barnabas.broker.coordinator.group.assignor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The assignors there are. Stateless. */
public final class Assignors {
    /** As {@code group.consumer.assignors} may also call them. */
    private static final String KAFKA_PACKAGE = "org.apache.kafka.coordinator.group.assignor.";

    private static final Map<String, Assignor> BY_NAME = Map.of(
            UniformAssignor.NAME,
            new UniformAssignor(),
            RangeAssignor.NAME,
            new RangeAssignor(),
            KAFKA_PACKAGE + "UniformAssignor",
            new UniformAssignor(),
            KAFKA_PACKAGE + "RangeAssignor",
            new RangeAssignor());

    private Assignors() {}

    /**
     * Assignors by the names clients use, in the order given.
     *
     * @throws IllegalArgumentException with a sentence if one is not known, or none is given
     */
    public static Map<String, Assignor> named(List<String> names) {
        var found = new LinkedHashMap<String, Assignor>();
        for (String name : names) {
            var assignor = BY_NAME.get(name);
            if (assignor == null) {
                throw new IllegalArgumentException("group.consumer.assignors names '" + name
                        + "', which is not there; there are uniform and range, and assignors written for Kafka cannot be"
                        + " loaded.");
            }
            found.put(assignor.name(), assignor);
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("group.consumer.assignors names no assignor; name uniform or range.");
        }
        return found;
    }
}
