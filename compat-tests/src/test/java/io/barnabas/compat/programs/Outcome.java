package io.barnabas.compat.programs;

/**
 * What a program left behind.
 *
 * @param status its exit status
 * @param out its standard output
 * @param err its standard error
 */
public record Outcome(int status, String out, String err) {}
