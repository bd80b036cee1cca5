package io.barnabas.broker.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.testing.CapturedLog;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LoadsTest {

    private final List<Scheduled> timer = new ArrayList<>();
    private long steadyMs = 5_000;
    private final Loads loads = new Loads(
            "t",
            (delayMs, task) -> {
                var scheduled = new Scheduled(delayMs, task);
                timer.add(scheduled);
                return () -> timer.remove(scheduled);
            },
            () -> new Moment(1_000_000 + steadyMs, steadyMs));

    private record Scheduled(long delayMs, Runnable task) {}

    private void ring(long delayMs) {
        var due = timer.stream()
                .filter(scheduled -> scheduled.delayMs() == delayMs)
                .findFirst()
                .orElseThrow();
        timer.remove(due);
        steadyMs += delayMs;
        due.task().run();
    }

    @Test
    void whatBecomesReadyTogetherIsOneLine() {
        try (var log = CapturedLog.of("io.barnabas.broker.shard.Loads")) {
            loads.begun(10);
            loads.ready(4, 3);
            loads.begun(10);
            ring(200);
            assertEquals(List.of(), log.lines(), "one is being loaded");
            loads.begun(10);
            loads.ready(5, 9);
            loads.ended();
            ring(200);
            assertEquals(1, log.lines().size());
            loads.begun(10);
            loads.ended();
            assertEquals(0, timer.size(), "nothing became ready");
        }
    }

    @Test
    void aLongLoadIsALineASecondForAllPartitions() {
        try (var log = CapturedLog.of("io.barnabas.broker.shard.Loads")) {
            for (int i = 0; i < 4; i++) {
                loads.begun(1_000);
            }
            ring(1_000);
            loads.advanced(1_000);
            loads.ready(0, 1_500);
            ring(1_000);
            loads.advanced(9_000);
            ring(1_000);
            for (int i = 1; i < 4; i++) {
                loads.ready(i, 3_000);
            }
            assertEquals(
                    List.of(
                            "INFO Loading coordinators of t: 0 of 4 partitions, 0 of 4000 bytes; estimated rest unknown",
                            "INFO Loading coordinators of t: 1 of 4 partitions, 1000 of 4000 bytes; estimated rest 6 s",
                            "INFO Loading coordinators of t: 1 of 4 partitions, 4000 of 4000 bytes; estimated rest 0 s"),
                    log.lines());
            ring(200);
            assertEquals(4, log.lines().size());
            assertEquals(List.of(), timer);

            loads.begun(50);
            ring(1_000);
            assertEquals(
                    "INFO Loading coordinators of t: 0 of 1 partitions, 0 of 50 bytes; estimated rest unknown",
                    log.lines().get(4),
                    "the count begins anew");
        }
    }

    @Test
    void loadTimesCountForAMinute() {
        assertTrue(Double.isNaN(loads.longestMs()) && Double.isNaN(loads.meanMs()));
        loads.begun(1);
        loads.begun(1);
        assertEquals(2, loads.underWay());
        loads.ready(0, 100);
        steadyMs += 30_000;
        loads.ready(1, 300);
        assertEquals(0, loads.underWay());
        assertEquals(300, loads.longestMs());
        assertEquals(200, loads.meanMs());
        steadyMs += 30_001;
        assertEquals(300, loads.meanMs());
        steadyMs += 30_000;
        assertTrue(Double.isNaN(loads.longestMs()));
    }

    @Test
    void numbersAreShownInRanges() {
        assertEquals("0-2, 5, 7-8", Loads.ranges(new TreeSet<>(List.of(0, 1, 2, 5, 7, 8))));
        assertEquals("3", Loads.ranges(new TreeSet<>(List.of(3))));
    }
}
