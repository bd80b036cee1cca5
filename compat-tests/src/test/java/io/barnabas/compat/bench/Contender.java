package io.barnabas.compat.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;

/** One broker of the comparison, with the JVM options its own start script gives it. */
final class Contender implements AutoCloseable {
    /** JIT threads that end would leave their time with the process. */
    private static final String STEADY_JIT = "-XX:-UseDynamicNumberOfCompilerThreads";

    private final ChildBroker broker;

    private Contender(ChildBroker broker) {
        this.broker = broker;
    }

    /** Formatted and configured, not started. */
    static Contender prepared(Product product, Path home) throws IOException {
        var options = product == Product.APACHE_KAFKA ? List.of("-Xms1G", STEADY_JIT) : List.of(STEADY_JIT);
        // The delay that is the default of both; other tests do without.
        var overrides = Map.of("num.partitions", "6", "group.initial.rebalance.delay.ms", "3000");
        return new Contender(new ChildBroker(product, home, overrides, options));
    }

    static Contender started(Product product, Path home) throws IOException {
        var contender = prepared(product, home);
        contender.start();
        return contender;
    }

    void start() throws IOException {
        broker.start();
    }

    /** SIGKILL. */
    void kill() {
        broker.kill();
    }

    Path dataDir() {
        return broker.dataDir();
    }

    Product product() {
        return broker.product();
    }

    int port() {
        return broker.port();
    }

    String bootstrapServers() {
        return broker.bootstrapServers();
    }

    Cpu cpu() {
        return new Cpu(broker.pid());
    }

    @Override
    public void close() {
        broker.close();
    }
}
