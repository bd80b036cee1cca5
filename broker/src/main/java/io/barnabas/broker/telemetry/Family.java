package io.barnabas.broker.telemetry;

import java.util.ArrayList;
import java.util.List;

/** A metric whose series are found out at each scrape. For one thread. */
public final class Family {
    final String name;
    final String help;
    final boolean isGauge;
    final List<String> labels;
    final List<Point> points = new ArrayList<>();

    record Point(List<String> labels, double value) {}

    private Family(String name, String help, boolean isGauge, List<String> labels) {
        this.name = name;
        this.help = help;
        this.isGauge = isGauge;
        this.labels = labels;
    }

    public static Family gauge(String name, String help, String... labels) {
        return new Family(name, help, true, List.of(labels));
    }

    /** A count that only grows, under a name that Prometheus would not give to a counter: so it has no type. */
    public static Family untyped(String name, String help, String... labels) {
        return new Family(name, help, false, List.of(labels));
    }

    /** @param labels as many as the family has, in their order */
    public Family add(double value, String... labels) {
        points.add(new Point(List.of(labels), value));
        return this;
    }
}
