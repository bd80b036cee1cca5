package io.barnabas.broker.telemetry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import io.barnabas.protocol.ErrorCode;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The text of /metrics (Prometheus text format 0.0.4), collected anew for each reader. Any thread. */
final class MetricsPage {

    private static final Logger LOG = LoggerFactory.getLogger(MetricsPage.class);

    private final CollectorRegistry registry = new CollectorRegistry();
    private final Telemetry telemetry;

    MetricsPage(Telemetry telemetry) {
        this.telemetry = telemetry;
        registry.register(new Families(telemetry));
        registry.register(new JvmFamilies());
    }

    /** UTF-8. Null if another collection has still not come to its end: none may take the threads that health is told on. */
    byte[] text() throws IOException {
        if (!telemetry.beginCollecting()) {
            return null;
        }
        try {
            var bytes = new ByteArrayOutputStream();
            try (var out = new OutputStreamWriter(bytes, StandardCharsets.UTF_8)) {
                TextFormat.write004(out, registry.metricFamilySamples());
            }
            return bytes.toByteArray();
        } finally {
            telemetry.endCollecting();
        }
    }

    /** What {@link Telemetry} holds, as Prometheus families. */
    private static final class Families extends Collector {
        private static final String REQUESTS = "kafka_network_requestmetrics_";

        private final Telemetry telemetry;
        /** Sources that failed the last time. */
        private final Set<Supplier<List<Family>>> failing = Collections.newSetFromMap(new IdentityHashMap<>());

        Families(Telemetry telemetry) {
            this.telemetry = telemetry;
        }

        @Override
        public List<MetricFamilySamples> collect() {
            var families = new ArrayList<MetricFamilySamples>();
            requests(families);
            topics(families);
            var series = new LinkedHashMap<String, MetricFamilySamples>();
            telemetry.counters().forEach((key, adder) -> add(series, Type.COUNTER, key, adder.sum()));
            telemetry.gauges().forEach((key, gauge) -> add(series, Type.GAUGE, key, gauge.getAsDouble()));
            families.addAll(series.values());
            for (var source : telemetry.sources()) {
                found(source).forEach(found -> families.add(family(found)));
            }
            return families;
        }

        /** One that fails takes nothing but its own families from the page. */
        private List<Family> found(Supplier<List<Family>> source) {
            try {
                var found = source.get();
                failing.remove(source);
                return found;
            } catch (RuntimeException e) {
                if (failing.add(source)) {
                    LOG.error("Some metrics are not on the page; this is not logged again until they are", e);
                }
                return List.of();
            }
        }

        private static MetricFamilySamples family(Family found) {
            var samples = new ArrayList<Sample>(found.points.size());
            for (var point : found.points) {
                samples.add(new Sample(found.name, found.labels, point.labels(), point.value()));
            }
            return family(found.name, found.isGauge ? Type.GAUGE : Type.UNKNOWN, found.help, samples);
        }

        private void requests(List<MetricFamilySamples> families) {
            var byVersion = new ArrayList<Sample>();
            var errors = new ArrayList<Sample>();
            var in = new ArrayList<Sample>();
            var out = new ArrayList<Sample>();
            var times = new ArrayList<Sample>();
            for (var request : telemetry.requests()) {
                var api = request.api();
                request.requestsByVersion()
                        .forEach((version, count) -> byVersion.add(new Sample(
                                REQUESTS + "requests_total",
                                List.of("request", "version"),
                                List.of(api, version.toString()),
                                count)));
                request.errorsByCode()
                        .forEach((code, count) -> errors.add(new Sample(
                                REQUESTS + "errors_total",
                                List.of("request", "error"),
                                List.of(api, ErrorCode.of(code.shortValue()).name()),
                                count)));
                in.add(sample(REQUESTS + "requestbytes_total", api, request.requestSizeBytes()));
                out.add(sample(REQUESTS + "responsebytes_total", api, request.responseSizeBytes()));
                histogram(times, api, request.total());
            }
            families.add(family(REQUESTS + "requests", Type.COUNTER, "Requests answered", byVersion));
            families.add(family(REQUESTS + "errors", Type.COUNTER, "Errors answered, NONE is none", errors));
            families.add(family(REQUESTS + "requestbytes", Type.COUNTER, "Bytes of requests", in));
            families.add(family(REQUESTS + "responsebytes", Type.COUNTER, "Bytes of responses", out));
            families.add(family(
                    REQUESTS + "totaltimems",
                    Type.HISTOGRAM,
                    "Milliseconds from a request's last byte read to its answer handed to the socket",
                    times));
        }

        private static void histogram(List<Sample> samples, String api, TimeHistogram histogram) {
            long below = 0;
            for (var bucket = 0; bucket < TimeHistogram.BUCKETS; bucket++) {
                below += histogram.count(bucket);
                samples.add(new Sample(
                        REQUESTS + "totaltimems_bucket",
                        List.of("request", "le"),
                        List.of(api, doubleToGoString(TimeHistogram.upperBoundMs(bucket))),
                        below));
            }
            samples.add(sample(REQUESTS + "totaltimems_count", api, below));
            samples.add(sample(REQUESTS + "totaltimems_sum", api, histogram.sumMs()));
        }

        private void topics(List<MetricFamilySamples> families) {
            var topics = telemetry.topics();
            for (var count : TopicTelemetry.Count.values()) {
                var name = count.metricName() + "_total";
                var samples = new ArrayList<Sample>();
                var total = telemetry.deletedTopics().value(count);
                for (var topic : topics) {
                    var value = topic.value(count);
                    total += value;
                    samples.add(new Sample(name, List.of("topic"), List.of(topic.topic()), value));
                }
                samples.add(0, new Sample(name, List.of(), List.of(), total));
                families.add(family(
                        count.metricName(), Type.COUNTER, "Per topic, and over all topics without a label", samples));
            }
        }

        private static Sample sample(String name, String api, double value) {
            return new Sample(name, List.of("request"), List.of(api), value);
        }

        private static MetricFamilySamples family(String name, Type type, String help, List<Sample> samples) {
            return new MetricFamilySamples(name, type, help, samples);
        }

        private static void add(
                Map<String, MetricFamilySamples> families, Type type, Telemetry.Series series, double value) {
            var family = families.computeIfAbsent(
                    series.name(), name -> new MetricFamilySamples(name, type, series.help(), new ArrayList<>()));
            family.samples.add(new Sample(
                    series.name(),
                    List.copyOf(series.labels().keySet()),
                    List.copyOf(series.labels().values()),
                    value));
        }
    }
}
