package io.barnabas.metadata.controller;

/** Where deciders get chance from. */
@FunctionalInterface
public interface Dice {
    /** A number from 0 to {@code bound - 1}. */
    int below(int bound);
}
