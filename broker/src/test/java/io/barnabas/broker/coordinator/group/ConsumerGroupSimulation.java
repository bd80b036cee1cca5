package io.barnabas.broker.coordinator.group;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Consumer groups under seeded chaos: members join, change what they subscribe to, commit, leave and die; static ones come back;
 * topics come, grow and go; in some worlds there are members of both protocols, so that groups change theirs; clocks jump; the shard fails over and loses what was not committed. Always: a shard rebuilt from the log
 * is equal to the one that wrote it, no partition is a member's before another has given it up, epochs never go back. In the end,
 * left in peace, every partition of what is subscribed to has an owner. Thousands of seeds:
 * {@code ./mvnw -Plong -pl broker -am test -Dtest=ConsumerGroupSimulation -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class ConsumerGroupSimulation {
    private static final int SEEDS = 200;
    private static final int MANY_SEEDS = 10_000;

    @Test
    void seeds() {
        run(SEEDS, false);
    }

    @Test
    void mixedSeeds() {
        run(SEEDS, true);
    }

    @Test
    @Tag("long")
    void manySeeds() {
        run(MANY_SEEDS, false);
    }

    @Test
    @Tag("long")
    void manyMixedSeeds() {
        run(MANY_SEEDS, true);
    }

    private static void run(int count, boolean mixed) {
        Long only = Long.getLong("seed");
        long first = only == null ? System.nanoTime() : only;
        for (long seed = first; seed < first + (only == null ? count : 1); seed++) {
            try {
                new ConsumerWorld(seed, mixed).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "Seed " + seed
                                + " fails. Run it again: ./mvnw -pl broker -am test -Dtest=ConsumerGroupSimulation#"
                                + (mixed ? "mixedSeeds" : "seeds")
                                + " -Dsurefire.failIfNoSpecifiedTests=false -Dtest.jvm.args=-Dseed=" + seed,
                        e);
            }
        }
    }
}
