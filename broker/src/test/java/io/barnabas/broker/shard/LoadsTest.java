package io.barnabas.broker.shard;

import java.util.ArrayDeque;
import java.util.List;
import java.util.TreeSet;

import io.barnabas.broker.testing.CapturedLog;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class LoadsTest {

    @Test
    void whatBecomesReadyTogetherIsOneLine() {
        var timer = new ArrayDeque<Runnable>();
        try (var log = CapturedLog.of("io.barnabas.broker.shard.Loads")) {
            var loads = new Loads("t", (delayMs, task) -> {
                timer.add(task);
                return () -> false;
            });
            loads.begun();
            loads.ready(4, 3);
            loads.begun();
            timer.remove().run();
            assertEquals(List.of(), log.lines(), "one is being loaded");
            loads.begun();
            loads.ready(5, 9);
            loads.ended();
            timer.remove().run();
            assertEquals(1, log.lines().size());
            loads.begun();
            loads.ended();
            assertEquals(0, timer.size(), "nothing became ready");
        }
    }

    @Test
    void numbersAreShownInRanges() {
        assertEquals("0-2, 5, 7-8", Loads.ranges(new TreeSet<>(List.of(0, 1, 2, 5, 7, 8))));
        assertEquals("3", Loads.ranges(new TreeSet<>(List.of(3))));
    }
}
