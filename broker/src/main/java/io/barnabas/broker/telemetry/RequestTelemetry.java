package io.barnabas.broker.telemetry;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;

import io.barnabas.protocol.wire.Message;

/**
 * Counters of one API (kafka.network:type=RequestMetrics): requests by version, errors by code, bytes, total time. Any
 * thread, lock-free; counting one request is five uncontended additions.
 */
public final class RequestTelemetry {

    private static final int VERSIONS = 64;
    private static final int LOWEST_ERROR = -1;
    private static final int ERRORS = 160;

    private final String api;
    private final AtomicReferenceArray<LongAdder> byVersion = new AtomicReferenceArray<>(VERSIONS);
    private final AtomicReferenceArray<LongAdder> byError = new AtomicReferenceArray<>(ERRORS);
    private final LongAdder requestBytes = new LongAdder();
    private final LongAdder responseBytes = new LongAdder();
    private final TimeHistogram total = new TimeHistogram();
    /** Made once, not per answer. */
    private final IntConsumer errors = this::error;

    RequestTelemetry(String api) {
        this.api = api;
    }

    /**
     * One answered request, from the moment its last byte was read until its answer was handed to the socket, and the errors in that.
     *
     * @param response null if none was wanted
     */
    public void answered(short version, long totalNs, long requestSizeBytes, long responseSizeBytes, Message response) {
        if (response != null) {
            response.errorCodes(errors);
        }
        adder(byVersion, Math.min(Math.max(version, 0), VERSIONS - 1)).increment();
        total.record(totalNs);
        requestBytes.add(requestSizeBytes);
        responseBytes.add(responseSizeBytes);
    }

    /** Counts one error code of an answer, as Kafka does with each; 0 is none. */
    public void error(int errorCode) {
        adder(byError, Math.min(Math.max(errorCode - LOWEST_ERROR, 0), ERRORS - 1))
                .increment();
    }

    String api() {
        return api;
    }

    TimeHistogram total() {
        return total;
    }

    long requestSizeBytes() {
        return requestBytes.sum();
    }

    long responseSizeBytes() {
        return responseBytes.sum();
    }

    Map<Integer, Long> requestsByVersion() {
        return counted(byVersion, 0);
    }

    Map<Integer, Long> errorsByCode() {
        return counted(byError, LOWEST_ERROR);
    }

    private static LongAdder adder(AtomicReferenceArray<LongAdder> adders, int index) {
        var known = adders.get(index);
        if (known != null) {
            return known;
        }
        adders.compareAndSet(index, null, new LongAdder());
        return adders.get(index);
    }

    private static Map<Integer, Long> counted(AtomicReferenceArray<LongAdder> adders, int first) {
        var counts = new TreeMap<Integer, Long>();
        for (var i = 0; i < adders.length(); i++) {
            var adder = adders.get(i);
            if (adder != null) {
                counts.put(i + first, adder.sum());
            }
        }
        return counts;
    }
}
