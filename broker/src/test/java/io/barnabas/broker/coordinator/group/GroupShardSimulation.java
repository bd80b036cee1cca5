package io.barnabas.broker.coordinator.group;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Groups under seeded chaos: members join, commit, leave and die; clocks jump; the shard fails over and loses what was not
 * committed. Always: a shard rebuilt from the log is equal to the one that wrote it, no partition has two owners in a generation,
 * and no offset goes back unasked. In the end, left in peace, every member is in a stable group. Thousands of seeds:
 * {@code ./mvnw -Plong -pl broker -am test -Dtest=GroupShardSimulation -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class GroupShardSimulation {
    private static final int SEEDS = 200;
    private static final int MANY_SEEDS = 10_000;

    @Test
    void seeds() {
        run(SEEDS);
    }

    @Test
    @Tag("long")
    void manySeeds() {
        run(MANY_SEEDS);
    }

    private static void run(int count) {
        Long only = Long.getLong("seed");
        long first = only == null ? System.nanoTime() : only;
        for (long seed = first; seed < first + (only == null ? count : 1); seed++) {
            try {
                new SimulatedWorld(seed).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "Seed " + seed
                                + " fails. Run it again: ./mvnw -pl broker -am test -Dtest=GroupShardSimulation#seeds"
                                + " -Dsurefire.failIfNoSpecifiedTests=false -Dseed=" + seed,
                        e);
            }
        }
    }
}
