package io.barnabas.compat.differential;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.barnabas.compat.cluster.OwnKeys;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;

/**
 * What one scenario saw, as lines of text in which everything that may differ between two runs of the same broker
 * (ids, times, ports) is replaced by a stable name, so that two transcripts can be compared to the letter.
 */
public final class Transcript {
    /** Of records, Kafka cuts the last batch off where a limit falls, and we end with a whole one: batches are listed one by one. */
    private static final Set<String> VOLATILE = Set.of(
            "throttleTimeMs",
            "clusterId",
            "port",
            "heartbeatIntervalMs",
            "recordsSizeInBytes",
            "logDir",
            "totalBytes",
            "usableBytes");

    private static final Set<String> IDENTITIES =
            Set.of("topicId", "memberId", "leader", "producerId", "members.memberId", "id");
    /** Topics that were deleted, groups that were described: Kafka's order is that of a hash table. */
    private static final Map<String, String> UNORDERED =
            Map.of("DeleteTopics", "responses", "DescribeGroups", "groups");

    private static final Set<String> TIMES = Set.of("logAppendTimeMs");

    private final List<String> lines = new ArrayList<>();
    private final Map<String, String> aliases = new HashMap<>();

    /** Adds one line as it is. */
    public void note(String line) {
        lines.add(line);
    }

    /** Adds a response in Kafka's own JSON form, with volatile fields masked. */
    public void add(String step, ApiMessage response, short version) {
        var json = json(response, version);
        if (!(response instanceof LeaveGroupResponseData)) {
            sortMembers(json);
        }
        var masked = mask("", json);
        if (UNORDERED.containsKey(step)) {
            ((ObjectNode) masked).replace(UNORDERED.get(step), sorted(masked.get(UNORDERED.get(step))));
        }
        lines.add(step + " v" + version + ": " + masked);
        if (response instanceof FetchResponseData fetch) {
            fetch.responses().forEach(topic -> topic.partitions().forEach(partition -> {
                if (partition.records() instanceof MemoryRecords records) {
                    addRecords(partition.partitionIndex(), records);
                }
            }));
        }
    }

    private void addRecords(int partition, MemoryRecords records) {
        for (MutableRecordBatch batch : records.batches()) {
            lines.add("  p" + partition + " batch " + batch.baseOffset() + ".." + batch.lastOffset() + " epoch "
                    + batch.partitionLeaderEpoch() + " pid " + (batch.hasProducerId() ? "yes" : "no") + " seq "
                    + batch.baseSequence() + " " + batch.compressionType() + " " + batch.timestampType() + " size "
                    + batch.sizeInBytes() + (batch.isControlBatch() ? " control" : "") + " valid " + batch.isValid());
            for (Record record : batch) {
                lines.add("    " + record.offset() + " key " + text(record.hasKey(), record.key()) + " value "
                        + text(record.hasValue(), record.value()) + " headers " + record.headers().length);
            }
        }
    }

    private static String text(boolean present, java.nio.ByteBuffer bytes) {
        return present ? java.nio.charset.StandardCharsets.UTF_8.decode(bytes).toString() : "null";
    }

    /** Kafka's JSON form of any message, through the converter generated beside it. */
    public static JsonNode json(ApiMessage message, short version) {
        try {
            Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
            return (JsonNode) converter
                    .getMethod("write", message.getClass(), short.class, boolean.class)
                    .invoke(null, message, version, false);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private JsonNode mask(String field, JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode masked = object.objectNode();
            object.fields()
                    .forEachRemaining(entry -> masked.set(entry.getKey(), mask(entry.getKey(), entry.getValue())));
            if (masked.path("recordErrors").isArray()
                    && masked.path("recordErrors").isEmpty()) {
                // Kafka explains only refused records; we explain every refusal.
                masked.put("errorMessage", "*");
            }
            return masked;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode masked = array.arrayNode();
            array.forEach(element -> {
                if (!OwnKeys.NAMES.contains(element.path("name").asText())) {
                    masked.add(mask(field, element));
                }
            });
            return masked;
        }
        if (VOLATILE.contains(field)) {
            return TextNode.valueOf("*");
        }
        if (TIMES.contains(field) && node.asLong() > 0) {
            return TextNode.valueOf("<time>");
        }
        if (IDENTITIES.contains(field) && isIdentity(node.asText())) {
            return TextNode.valueOf(alias(field, node.asText()));
        }
        return node;
    }

    /** Kafka keeps members in a hash table of ids that it drew; those that have a name here stand in its order. */
    private void sortMembers(JsonNode json) {
        for (JsonNode group : json.path("groups")) {
            sortMembers(group);
        }
        if (json.path("members") instanceof ArrayNode members) {
            var elements = new ArrayList<JsonNode>();
            members.forEach(elements::add);
            elements.sort(Comparator.comparing(element -> masked(element.toString())));
            members.removeAll().addAll(elements);
        }
    }

    private static JsonNode sorted(JsonNode array) {
        var elements = new ArrayList<JsonNode>();
        array.forEach(elements::add);
        elements.sort(Comparator.comparing(JsonNode::toString));
        return ((ArrayNode) array).arrayNode().addAll(elements);
    }

    /** Zero ids and small numbers say something by themselves; only drawn ids are renamed. */
    private static boolean isIdentity(String text) {
        return text.length() >= 20 && !text.matches("A*") || text.matches("\\d{4,}");
    }

    /** Calls a value drawn at run time by a name from now on; the first name stays. */
    public void name(String drawn, String name) {
        aliases.putIfAbsent(drawn, "<" + name + ">");
    }

    private String alias(String field, String value) {
        return aliases.computeIfAbsent(value, drawn -> "<" + field + "-" + aliases.size() + ">");
    }

    /** Gives a value drawn at run time (a member id, say) its stable name in free text. */
    public String masked(String text) {
        String result = text;
        for (Map.Entry<String, String> alias : aliases.entrySet()) {
            result = result.replace(alias.getKey(), alias.getValue());
        }
        return result;
    }

    /** The lines that differ, Kafka's before ours; empty if there are none. */
    static String difference(List<String> expected, List<String> actual) {
        var difference = new StringBuilder();
        for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
            var theirs = i < expected.size() ? expected.get(i) : "(no more)";
            var ours = i < actual.size() ? actual.get(i) : "(no more)";
            if (!theirs.equals(ours)) {
                difference
                        .append("\nKafka: ")
                        .append(theirs)
                        .append("\npeer:  ")
                        .append(ours);
            }
        }
        return difference.toString();
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
