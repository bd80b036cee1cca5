package io.barnabas.storage.log;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

import io.barnabas.protocol.wire.Chunk;
import io.barnabas.storage.file.RealDisk;

/**
 * What an append and a read cost inside one process, one thread, page cache only:
 * {@code java -cp … io.barnabas.storage.log.LogBenchmark [directory]}. Prints µs and allocated bytes per operation.
 */
final class LogBenchmark {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final LogConfig config =
            LogConfig.builder().segmentBytes(256 << 20).fileDeleteDelayMs(0).build();
    private final LogStore store;
    private int partitions;

    private LogBenchmark(Path directory) {
        store = StoredLogs.open(new RealDisk(), config, directory);
    }

    public static void main(String[] arguments) throws IOException {
        var directory = arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("log-benchmark");
        var benchmark = new LogBenchmark(directory);
        try {
            for (int round = 0; round < 3; round++) {
                benchmark.appends("append 1 x 100 B", 1, 100, 1, 200_000);
                benchmark.appends("append 1 x 100 B, 16 per write", 1, 100, 16, 400_000);
                benchmark.appends("append 16 x 1 KiB", 16, 1024, 1, 20_000);
                benchmark.appends("append 256 x 1 KiB", 256, 1024, 1, 2_000);
                benchmark.appends("append 160 x 100 B", 160, 100, 1, 20_000);
                benchmark.reads();
            }
            benchmark.creates();
        } finally {
            benchmark.store.abandon();
            new RealDisk().deleteRecursively(directory);
        }
    }

    private static ByteBuffer direct(ByteBuffer batch) {
        return ByteBuffer.allocateDirect(batch.remaining())
                .put(batch.duplicate())
                .flip();
    }

    private void appends(String name, int records, int valueBytes, int perWrite, int operations) throws IOException {
        var log = store.create(StoredLogs.partition(partitions++), config);
        var batches = new ByteBuffer[perWrite];
        for (int i = 0; i < perWrite; i++) {
            batches[i] = direct(Batches.random(new Random(i), records, valueBytes, 1_000_000));
        }
        int sizeBytes = batches[0].remaining();
        long cpu = THREADS.getCurrentThreadCpuTime();
        long allocated = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int i = 0; i < operations; i += perWrite) {
            for (var batch : batches) {
                batch.clear().putLong(0, 0);
                if (!(log.stage(batch, 1, AppendOrigin.CLIENT, 1_000_000) instanceof AppendResult.Appended)) {
                    throw new IllegalStateException("not appended");
                }
            }
            log.writeStaged(1_000_000);
        }
        report(name, operations, (long) operations * sizeBytes, cpu, allocated);
        store.delete(log.partition());
        store.deleteDue();
    }

    private void reads() throws IOException {
        var log = store.create(StoredLogs.partition(partitions++), config);
        var batch = direct(Batches.random(new Random(1), 16, 1024, 1_000_000));
        int batches = 10_000;
        for (int i = 0; i < batches; i++) {
            log.append(batch.clear().putLong(0, 0), 1, AppendOrigin.CLIENT, 1_000_000);
        }
        log.advanceHighWatermark(log.view().logEndOffset());
        read("read 64 KiB at the tail", log, 16L * (batches - 100), 200_000);
        read("read 64 KiB in old data", log, 16L * 5_000, 200_000);
        store.delete(log.partition());
        store.deleteDue();
    }

    private void read(String name, PartitionLog log, long from, int operations) throws IOException {
        long cpu = THREADS.getCurrentThreadCpuTime();
        long allocated = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int i = 0; i < operations; i++) {
            var read = log.read(from + i % 1_000, 1 << 16, ReadIsolation.HIGH_WATERMARK, true);
            for (var chunk : read.records().chunks()) {
                if (chunk instanceof Chunk.FileRange range) {
                    range.source().release();
                }
            }
        }
        report(name, operations, 0, cpu, allocated);
    }

    private void creates() throws IOException {
        int count = 5_000;
        long cpu = THREADS.getCurrentThreadCpuTime();
        long allocated = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        var batch = direct(Batches.random(new Random(1), 1, 100, 1_000_000));
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            var log = store.create(StoredLogs.partition(partitions++), config);
            log.append(batch.clear().putLong(0, 0), 1, AppendOrigin.CLIENT, 1_000_000);
        }
        report("create a partition and write to it", count, 0, cpu, allocated);
        System.out.printf("%d partitions in %d ms%n", count, (System.nanoTime() - start) / 1_000_000);
    }

    private static void report(String name, int operations, long bytes, long cpuBefore, long allocatedBefore) {
        double cpu = THREADS.getCurrentThreadCpuTime() - cpuBefore;
        long allocated = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - allocatedBefore;
        System.out.printf(
                "%-36s %8.2f us CPU %6d B allocated%s%n",
                name,
                cpu / 1e3 / operations,
                allocated / operations,
                bytes == 0 ? "" : String.format("   %.2f CPU s/GiB", cpu / 1e9 / (bytes / (double) (1 << 30))));
    }
}
