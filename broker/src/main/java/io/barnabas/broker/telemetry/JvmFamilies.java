package io.barnabas.broker.telemetry;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;

/** The process itself, by the names of Prometheus's Java client: CPU, heap, collectors, threads, descriptors. */
final class JvmFamilies extends Collector {

    @Override
    public List<MetricFamilySamples> collect() {
        var families = new ArrayList<MetricFamilySamples>();
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os) {
            families.add(new CounterMetricFamily(
                    "process_cpu_seconds", "User and system CPU time", os.getProcessCpuTime() / 1e9));
            if (os instanceof com.sun.management.UnixOperatingSystemMXBean unix) {
                families.add(new GaugeMetricFamily(
                        "process_open_fds", "Open file descriptors", unix.getOpenFileDescriptorCount()));
                families.add(new GaugeMetricFamily(
                        "process_max_fds", "Limit of file descriptors", unix.getMaxFileDescriptorCount()));
            }
        }
        families.add(new GaugeMetricFamily(
                "process_start_time_seconds",
                "Start since the epoch",
                ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3));
        var memory = ManagementFactory.getMemoryMXBean();
        var used = new GaugeMetricFamily("jvm_memory_bytes_used", "Bytes in use", List.of("area"));
        used.addMetric(List.of("heap"), memory.getHeapMemoryUsage().getUsed());
        used.addMetric(List.of("nonheap"), memory.getNonHeapMemoryUsage().getUsed());
        families.add(used);
        var max = new GaugeMetricFamily("jvm_memory_bytes_max", "Bytes at most, -1: no limit", List.of("area"));
        max.addMetric(List.of("heap"), memory.getHeapMemoryUsage().getMax());
        families.add(max);
        var collections = new CounterMetricFamily("jvm_gc_collections", "Collections", List.of("gc"));
        var collecting = new CounterMetricFamily("jvm_gc_collection_seconds", "Time collecting", List.of("gc"));
        for (var gc : ManagementFactory.getGarbageCollectorMXBeans()) {
            collections.addMetric(List.of(gc.getName()), gc.getCollectionCount());
            collecting.addMetric(List.of(gc.getName()), gc.getCollectionTime() / 1e3);
        }
        families.add(collections);
        families.add(collecting);
        families.add(new GaugeMetricFamily(
                "jvm_threads_current",
                "Live threads",
                ManagementFactory.getThreadMXBean().getThreadCount()));
        return families;
    }
}
