package io.barnabas.broker.telemetry;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * All counters of one broker. Any thread; nothing here blocks. Callers on hot paths keep the {@link RequestTelemetry},
 * {@link TopicTelemetry} or {@link LongAdder} they got rather than asking for it again.
 */
public final class Telemetry {

    /** One time series outside the per-request and per-topic families; name and labels as Prometheus shows them. */
    record Series(String name, String help, Map<String, String> labels) implements Comparable<Series> {
        @Override
        public int compareTo(Series other) {
            var byName = name.compareTo(other.name);
            return byName != 0 ? byName : labels.toString().compareTo(other.labels.toString());
        }
    }

    private final Map<String, RequestTelemetry> requests = new ConcurrentHashMap<>();
    private final Map<String, TopicTelemetry> topics = new ConcurrentHashMap<>();
    private final TopicTelemetry deletedTopics = new TopicTelemetry("");
    private final Map<Series, LongAdder> counters = new ConcurrentSkipListMap<>();
    private final Map<Series, DoubleSupplier> gauges = new ConcurrentSkipListMap<>();
    private final List<Supplier<List<Family>>> sources = new CopyOnWriteArrayList<>();
    private static final long WAIT_MS = 1_000;
    private final Lock collecting = new ReentrantLock();

    /** The counters of one API by Kafka's name, such as "Produce"; consumer and follower fetches are "FetchConsumer" and "FetchFollower" as well as "Fetch". */
    public RequestTelemetry request(String apiName) {
        var known = requests.get(apiName);
        return known != null ? known : requests.computeIfAbsent(apiName, RequestTelemetry::new);
    }

    public TopicTelemetry topic(String topic) {
        var known = topics.get(topic);
        return known != null ? known : topics.computeIfAbsent(topic, TopicTelemetry::new);
    }

    /** Stops listing a deleted topic; its counts stay in the totals over all topics. */
    public void forgetTopic(String topic) {
        var gone = topics.remove(topic);
        if (gone != null) {
            deletedTopics.addAll(gone);
        }
    }

    /**
     * A counter of its own.
     *
     * @param name Prometheus name ending in _total
     * @param labels name, value, name, value …
     */
    public LongAdder counter(String name, String help, String... labels) {
        return counters.computeIfAbsent(new Series(name, help, labels(labels)), series -> new LongAdder());
    }

    /** A value read at each scrape, on the scraping thread; it must not block. */
    public void gauge(String name, String help, DoubleSupplier value, String... labels) {
        gauges.put(new Series(name, help, labels(labels)), value);
    }

    /**
     * Families found out at each scrape, by one thread at a time. It may wait for other threads for a few seconds at most, and for the
     * disk.
     */
    public void source(Supplier<List<Family>> source) {
        sources.add(source);
    }

    /**
     * Before a page is made that may wait: one at a time, so that one of an endpoint's threads is left for health. If true,
     * {@link #endCollecting} must follow on the same thread.
     */
    boolean beginCollecting() {
        try {
            return collecting.tryLock(WAIT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void endCollecting() {
        collecting.unlock();
    }

    List<Supplier<List<Family>>> sources() {
        return sources;
    }

    Collection<RequestTelemetry> requests() {
        return List.copyOf(requests.values());
    }

    Collection<TopicTelemetry> topics() {
        return List.copyOf(topics.values());
    }

    TopicTelemetry deletedTopics() {
        return deletedTopics;
    }

    Map<Series, LongAdder> counters() {
        return counters;
    }

    Map<Series, DoubleSupplier> gauges() {
        return gauges;
    }

    private static Map<String, String> labels(String... pairs) {
        return switch (pairs.length) {
            case 0 -> Map.of();
            case 2 -> Map.of(pairs[0], pairs[1]);
            case 4 -> Map.of(pairs[0], pairs[1], pairs[2], pairs[3]);
            default -> throw new IllegalArgumentException("Labels come as one or two pairs of name and value");
        };
    }
}
