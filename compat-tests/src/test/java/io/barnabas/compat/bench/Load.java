package io.barnabas.compat.bench;

/** Work for a broker that is up, done again and again on both in turn. */
interface Load {
    /** What its figures begin with, and what selects it. */
    String name();

    /** Once per broker, not measured. */
    default void prepare(Contender contender) throws Exception {}

    /** Does the work once. */
    Work run(Contender contender) throws Exception;

    /** After all rounds, not measured. */
    default void finish(Contender contender) throws Exception {}

    /**
     * What was done.
     *
     * @param count of {@code unit}
     * @param unit what the broker's CPU seconds are divided by
     */
    record Work(double count, Unit unit, double seconds) {}

    /** In which CPU time is told. */
    enum Unit {
        REQUEST("broker CPU, µs per request", "requests/s", 1e6),
        GIB("broker CPU, s per GiB", "GiB/s", 1);

        final String cpu;
        final String rate;
        final double perSecond;

        Unit(String cpu, String rate, double perSecond) {
            this.cpu = cpu;
            this.rate = rate;
            this.perSecond = perSecond;
        }
    }
}
