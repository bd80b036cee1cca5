package io.barnabas.broker.telemetry;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class RateTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void itIsTheGrowthOverHalfAMinuteOrMore() {
        var rate = new Rate(0);
        assertEquals(0, rate.of(0, 0));
        assertEquals(10, rate.of(100, 10 * SECOND));
        assertEquals(10, rate.of(400, 40 * SECOND));
        assertEquals(6, rate.of(400, 60 * SECOND));
        assertEquals(0, rate.of(400, 80 * SECOND));
    }

    @Test
    void asManyReadersAsThereAreDoNotShortenIt() {
        var rate = new Rate(0);
        double last = 0;
        for (int i = 1; i <= 600; i++) {
            last = rate.of(i * 3, i * SECOND / 2);
        }
        assertEquals(6, last, 1e-9);
    }
}
