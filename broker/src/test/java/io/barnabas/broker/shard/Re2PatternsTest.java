package io.barnabas.broker.shard;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class Re2PatternsTest {
    private final Re2Patterns patterns = new Re2Patterns();

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "orders-.*", "(a|b){2,3}", "\\p{L}+", "[^x{]{3}", "a{1000}", "(?i)A", "\\Qa.b\\E"})
    void usualExpressionsAreTaken(String regex) {
        assertTrue(patterns.flaw(regex).isEmpty(), () -> patterns.flaw(regex).toString());
        patterns.compile(regex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                "*",
                "a(?=b)",
                "(a)\\1",
                "(a{1000}){1000}",
                "((a{1000}){1000}){1000}",
                "(?:(?:(?:(?:a{30}){30}){30}){30}){30}",
                "((((a{99}){99}){99}){99}"
            })
    void whatCannotBeUsedIsRefused(String regex) {
        assertTrue(patterns.flaw(regex).isPresent());
    }

    @Test
    void aLongListOfTopicsIsTaken() {
        String regex = IntStream.range(0, 5_000).mapToObj(i -> "topic-" + i).collect(Collectors.joining("|"));
        assertTrue(patterns.flaw(regex).isEmpty());
        assertTrue(patterns.compile(regex).test("topic-4999"));
        assertFalse(patterns.compile(regex).test("topic-5000"));
    }

    @Test
    void deepNestingIsRefused() {
        assertTrue(patterns.flaw("(".repeat(20_000) + ")".repeat(20_000)).isPresent());
    }
}
