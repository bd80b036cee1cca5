package io.barnabas.broker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.barnabas.broker.testing.RawClient;
import io.barnabas.broker.testing.TestBroker;
import io.barnabas.protocol.message.ApiVersionsRequest;
import io.barnabas.protocol.message.ApiVersionsResponse;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Keeps the table of APIs in docs/compatibility.md to what a broker says of itself. Run with -Ddocs.write=true to write it anew. */
class CompatibilityDocIT {
    private static final Path FILE = Path.of("../docs/compatibility.md");
    private static final String START = "<!-- apis -->\n";
    private static final String END = "<!-- /apis -->";

    @TempDir
    Path logDir;

    @Test
    void theTableSaysWhatTheBrokerAnswers() throws Exception {
        var text = Files.readString(FILE);
        var expected =
                text.substring(0, text.indexOf(START) + START.length()) + table() + text.substring(text.indexOf(END));
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(FILE, expected);
        }
        assertEquals(expected, Files.readString(FILE), "docs/compatibility.md is stale: run with -Ddocs.write=true");
    }

    private String table() throws Exception {
        var answered = new TreeMap<Short, String>();
        try (var broker = TestBroker.start(logDir);
                var client = new RawClient(broker.port())) {
            for (var api : client.call(new ApiVersionsRequest(), 0, ApiVersionsResponse.class)
                    .apiKeys()) {
                answered.put(api.apiKey(), versions(api.minVersion(), api.maxVersion()));
            }
        }
        var ofKafka = ApiKeys.apisForListener(ListenerType.BROKER);
        var rows = answered.entrySet().stream()
                .map(row -> {
                    var api = ApiKeys.forId(row.getKey());
                    var kafka = api.toApiVersion(false).orElseThrow();
                    return "| " + row.getKey() + " | " + api.name + " | " + row.getValue() + " | "
                            + versions(kafka.minVersion(), kafka.maxVersion()) + " |\n";
                })
                .collect(Collectors.joining());
        var missing = ofKafka.stream()
                .filter(api -> !answered.containsKey(api.id))
                .map(api -> api.name)
                .sorted()
                .collect(Collectors.joining(", "));
        return "| key | API | versions here | versions of Apache Kafka 4.3.1 |\n|---|---|---|---|\n" + rows
                + "\nNot answered, and not advertised: " + (missing.isEmpty() ? "none" : missing) + ".\n";
    }

    private static String versions(int lowest, int highest) {
        return lowest == highest ? Integer.toString(lowest) : lowest + "–" + highest;
    }
}
