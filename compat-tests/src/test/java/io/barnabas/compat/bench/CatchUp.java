package io.barnabas.compat.bench;

import java.nio.file.Path;

import io.barnabas.compat.cluster.Product;

/** What a producer of 1,000 records a second waits for its acknowledgements, while a consumer reads what is not in memory any more. */
final class CatchUp {
    private static final String TOPIC = "cold";
    private static final int PARTITIONS = 6;
    /** Of 256 KiB each: 1.5 GiB. */
    private static final int REQUESTS = 6_000;

    private CatchUp() {}

    static void coldData(Product product, Path home, Figures figures) throws Exception {
        try (var contender = Contender.started(product, home)) {
            Topics.create(contender, TOPIC, PARTITIONS);
            RawProduce.filling(TOPIC, PARTITIONS, REQUESTS).run(contender);
            // Once here, so that what is measured does not wait for its writing.
            ColdReader.forgetPages(contender.dataDir(), TOPIC);
            Latency.prepare(contender);
            Latency.run("no catch-up", contender, figures);
            var reader = ColdReader.start(contender, TOPIC, PARTITIONS, 256L * REQUESTS);
            Latency.run("catch-up", contender, figures);
            figures.add("catch-up, records read meanwhile", product, reader.stop());
        }
    }
}
