package io.barnabas.compat.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Apache Kafka and its peer with the same settings. Whatever is asked is asked of both at the same time, so that a
 * timeout is waited for once. {@code -Dpeer=APACHE_KAFKA} compares Kafka with itself.
 */
public final class BrokerPair implements AutoCloseable {
    private static final Executor THREADS = task -> new Thread(task, "broker-pair").start();

    private final ChildBroker kafka;
    private final ChildBroker peer;

    private BrokerPair(ChildBroker kafka, ChildBroker peer) {
        this.kafka = kafka;
        this.peer = peer;
    }

    public static BrokerPair started(Path home, Map<String, String> settings) {
        var product = Product.valueOf(System.getProperty("peer", "BARNABAS"));
        var theirs = CompletableFuture.supplyAsync(
                () -> started(Product.APACHE_KAFKA, home.resolve("kafka"), settings), THREADS);
        var ours = started(product, home.resolve("peer"), settings);
        return new BrokerPair(theirs.join(), ours);
    }

    private static ChildBroker started(Product product, Path home, Map<String, String> settings) {
        try {
            return ChildBroker.started(product, home, settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What Kafka gives, and what the peer gives. */
    public <T> List<T> both(Function<ChildBroker, T> question) {
        var theirs = CompletableFuture.supplyAsync(() -> question.apply(kafka), THREADS);
        T ours = question.apply(peer);
        return List.of(theirs.join(), ours);
    }

    public ChildBroker kafka() {
        return kafka;
    }

    public ChildBroker peer() {
        return peer;
    }

    @Override
    public void close() {
        Stream.of(kafka, peer).forEach(ChildBroker::close);
    }
}
