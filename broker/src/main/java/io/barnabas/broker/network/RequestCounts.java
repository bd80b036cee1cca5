package io.barnabas.broker.network;

import java.util.concurrent.atomic.AtomicReferenceArray;

import io.barnabas.broker.telemetry.RequestTelemetry;
import io.barnabas.broker.telemetry.Telemetry;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.wire.Message;

/** The counters of every API that was used, found by its key without hashing. Any thread. */
final class RequestCounts {
    private static final int KEYS = 128;

    private final Telemetry telemetry;
    private final AtomicReferenceArray<RequestTelemetry> byKey = new AtomicReferenceArray<>(KEYS);
    /** Kafka counts fetches of consumers and of replicas apart, too. */
    private final RequestTelemetry consumerFetches;

    RequestCounts(Telemetry telemetry) {
        this.telemetry = telemetry;
        consumerFetches = telemetry.request("FetchConsumer");
    }

    void answered(
            ApiKey api, short version, long totalNs, int requestSizeBytes, int responseSizeBytes, Message response) {
        of(api).answered(version, totalNs, requestSizeBytes, responseSizeBytes, response);
        if (api == ApiKey.FETCH) {
            consumerFetches.answered(version, totalNs, requestSizeBytes, responseSizeBytes, response);
        }
    }

    private RequestTelemetry of(ApiKey api) {
        var known = byKey.get(api.id());
        if (known == null) {
            known = telemetry.request(api.title());
            byKey.set(api.id(), known);
        }
        return known;
    }
}
