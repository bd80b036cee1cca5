package io.barnabas.broker.coordinator;

/**
 * Now, by both clocks.
 *
 * @param epochMs wall-clock time, which may jump; written into records, compared with retention
 * @param steadyMs milliseconds of a clock that never jumps, from any origin; for timeouts
 */
public record Moment(long epochMs, long steadyMs) {}
