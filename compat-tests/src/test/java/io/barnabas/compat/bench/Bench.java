package io.barnabas.compat.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

import io.barnabas.compat.cluster.Product;

/**
 * Apache Kafka and Barnabas in turn, in one run on one machine: {@code bin/bench}. Figures are medians over the rounds; what counts is
 * their ratio. CPU is the broker's alone, without its JIT threads unless said otherwise.
 */
public final class Bench {
    private static final int LATENCY_ROUNDS = 3;
    private static final int TRAFFIC_S = 10;
    /** What the clients tell is not wanted; held here, as a logger that nobody holds forgets its level. */
    private static final Logger QUIET = Logger.getLogger("org.apache.kafka");

    private static final double BUSY_LOAD = 0.7;

    private final int rounds;
    private final double scale;
    private final List<String> wanted;
    private final Figures figures = new Figures();
    private final Path home = Files.createTempDirectory("bench");

    private Bench(int rounds, double scale, List<String> wanted) throws IOException {
        this.rounds = rounds;
        this.scale = scale;
        this.wanted = wanted;
    }

    /** Arguments: {@code [--rounds N] [--quick] [NAME...]}; a name selects what begins with it. */
    public static void main(String... arguments) throws Exception {
        int rounds = 5;
        double scale = 1;
        var wanted = new ArrayList<String>();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--rounds" -> rounds = Integer.parseInt(arguments[++i]);
                case "--quick" -> scale = 0.2;
                case "all" -> {}
                default -> wanted.add(arguments[i]);
            }
        }
        QUIET.setLevel(Level.SEVERE);
        var bench = new Bench(rounds, scale, wanted);
        try {
            bench.run();
        } finally {
            bench.deleteHome();
        }
    }

    private void run() throws Exception {
        double load =
                Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        if (load > BUSY_LOAD) {
            System.out.println("This machine is busy (load " + load + "): trust CPU figures, not rates or latencies.");
        }
        var loads = loads().stream().filter(one -> isWanted(one.name())).toList();
        var joins = Stream.of("classic", "consumer")
                .map(GroupJoin::new)
                .filter(one -> isWanted(one.name()))
                .toList();
        if (!loads.isEmpty() || !joins.isEmpty() || isWanted("latency")) {
            loaded(loads, joins);
        }
        fresh("cold-start", FreshStart::coldStart, 1);
        fresh("idle", FreshStart::idle, 0);
        fresh("partitions-1000", FreshStart::thousandPartitions, 1);
        fresh("partitions-5000", FreshStart::fiveThousandPartitions, 0);
        fresh("restart", Restart::afterKill, 0);
        fresh("catch-up", CatchUp::coldData, 0);
        System.out.println();
        System.out.print(figures.table());
        var file = Files.createDirectories(Path.of(System.getProperty("bench.results", "target/bench")))
                .resolve("results.json");
        Files.writeString(file, figures.json().toPrettyString());
        System.out.println("every round: " + file.toAbsolutePath());
    }

    private boolean isWanted(String name) {
        return wanted.isEmpty() || wanted.stream().anyMatch(name::startsWith);
    }

    private List<Load> loads() {
        var loads = new ArrayList<Load>();
        loads.add(RawProduce.of(1, 100, scaled(60_000)));
        loads.add(RawProduce.of(16, 1024, scaled(40_000)));
        loads.add(RawProduce.of(256, 1024, scaled(4_000)));
        for (int partitions : new int[] {6, 1_000}) {
            loads.add(RawProduce.forced(partitions, scaled(36_000)));
            loads.add(RawProduce.forcedAgainstUnforced(partitions, scaled(60_000)));
        }
        loads.add(new RawFetch());
        loads.add(new OffsetCommit(scaled(60_000)));
        loads.add(GroupTraffic.classic(scaled(TRAFFIC_S)));
        loads.add(GroupTraffic.consumer(scaled(TRAFFIC_S)));
        for (var acks : List.of("1", "all")) {
            for (var compression : List.of("none", "lz4", "zstd")) {
                loads.add(new ClientProduce(1024, compression, acks, scaled(500_000)));
                loads.add(new ClientProduce(100, compression, acks, scaled(2_000_000)));
            }
        }
        loads.add(new ClientConsume(1024, scaled(500_000)));
        loads.add(new ClientConsume(100, scaled(3_000_000)));
        return loads;
    }

    private int scaled(int count) {
        return (int) (count * scale);
    }

    /** Both brokers stay up; one works while the other rests. The first round warms up. */
    private void loaded(List<Load> loads, List<GroupJoin> joins) throws Exception {
        try (var kafka = Contender.started(Product.APACHE_KAFKA, home.resolve("kafka"));
                var ours = Contender.started(Product.BARNABAS, home.resolve("barnabas"))) {
            var contenders = List.of(kafka, ours);
            for (var load : loads) {
                for (var contender : contenders) {
                    load.prepare(contender);
                    load.run(contender);
                }
                for (int round = 0; round < rounds; round++) {
                    for (var contender : contenders) {
                        measure(load, contender);
                    }
                }
                for (var contender : contenders) {
                    load.finish(contender);
                }
            }
            for (var join : joins) {
                joined(join, contenders);
            }
            if (isWanted("latency")) {
                for (var contender : contenders) {
                    Latency.prepare(contender);
                }
                for (int round = 0; round < Math.min(rounds, LATENCY_ROUNDS); round++) {
                    for (var contender : contenders) {
                        Latency.run(contender, figures);
                    }
                }
            }
            for (var contender : contenders) {
                figures.add(
                        "after all loads, RSS, MiB",
                        contender.product(),
                        contender.cpu().residentMib());
            }
        }
    }

    private void joined(GroupJoin join, List<Contender> contenders) throws Exception {
        for (var contender : contenders) {
            join.prepare(contender);
        }
        for (int round = 0; round < rounds; round++) {
            for (var contender : contenders) {
                join.run(contender, figures);
            }
        }
    }

    private void measure(Load load, Contender contender) throws Exception {
        BackedMemory.touch();
        double before = contender.cpu().withoutJitS();
        var work = load.run(contender);
        double cpuS = contender.cpu().withoutJitS() - before;
        var unit = work.unit();
        figures.add(load.name() + ", " + unit.cpu, contender.product(), cpuS * unit.perSecond / work.count());
        figures.add(load.name() + ", " + unit.rate, contender.product(), work.count() / work.seconds());
        System.out.printf(
                "%s %s: %.3f %s, %.3f %s%n",
                load.name(),
                contender.product(),
                cpuS * unit.perSecond / work.count(),
                unit.cpu,
                work.count() / work.seconds(),
                unit.rate);
    }

    /** A broker on an empty directory for every measurement. */
    private void fresh(String name, Fresh measurement, int warmUps) throws Exception {
        if (!isWanted(name)) {
            return;
        }
        int times = Math.min(rounds, LATENCY_ROUNDS);
        for (int round = -warmUps; round < times; round++) {
            for (var product : Product.values()) {
                measurement.run(
                        product, home.resolve(name + "-" + product + "-" + round), round < 0 ? new Figures() : figures);
            }
        }
    }

    @FunctionalInterface
    private interface Fresh {
        void run(Product product, Path home, Figures figures) throws Exception;
    }

    private void deleteHome() throws IOException {
        try (var files = Files.walk(home)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
