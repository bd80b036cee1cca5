package io.barnabas.compat.programs;

import io.barnabas.compat.programs.CommittedRanges.Range;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertThrows;

/** The judge of {@link RollingRestartIT} notices what it is there for. */
class CommittedRangesTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    private final CommittedRanges ranges = new CommittedRanges();

    private void committed(long begin, long end) {
        ranges.acknowledged(PARTITION, new Range(begin, end, "m"));
    }

    private void inDoubt(long begin, long end) {
        ranges.inDoubt(PARTITION, new Range(begin, end, "m"));
    }

    private void assertEachOnce() {
        ranges.assertEachOnce(PARTITION, 30);
    }

    private void assertFails() {
        assertThrows(AssertionError.class, this::assertEachOnce);
    }

    @Test
    void rangesThatFollowOneAnotherAreAll() {
        committed(10, 30);
        committed(0, 10);
        assertEachOnce();
    }

    @Test
    void skippedAndDoubledRecordsAreFound() {
        committed(0, 10);
        assertFails();
        committed(11, 30);
        assertFails();
        committed(10, 12);
        assertFails();
    }

    @Test
    void aCommitInDoubtCountsIfTheNextGoesOnFromIt() {
        committed(0, 10);
        inDoubt(10, 20);
        committed(20, 30);
        assertEachOnce();
    }

    @Test
    void aCommitInDoubtDoesNotCountIfItsRecordsCameAgain() {
        committed(0, 10);
        inDoubt(10, 15);
        committed(10, 30);
        assertEachOnce();
    }

    @Test
    void aCommitInDoubtExplainsNothingElse() {
        committed(0, 10);
        inDoubt(9, 20);
        committed(20, 30);
        assertFails();
    }
}
