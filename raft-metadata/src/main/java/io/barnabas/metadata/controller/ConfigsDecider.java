package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.AlterConfigsRequest;
import io.barnabas.protocol.message.AlterConfigsResponse;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponse;
import io.barnabas.protocol.metadata.ClearElrRecord;
import io.barnabas.protocol.metadata.ConfigRecord;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * Changes configs: IncrementalAlterConfigs (API 44, v0–1) and AlterConfigs (API 33, v0–2). Each resource succeeds or fails by itself.
 * Log levels (BROKER_LOGGER) are no metadata and never get here; values of broker keys are for the broker to check beforehand.
 */
final class ConfigsDecider {
    private static final String CORDONED_LOG_DIRS = "cordoned.log.dirs";
    private static final byte SET = 0;
    private static final byte DELETE = 1;
    private static final byte APPEND = 2;
    private static final byte SUBTRACT = 3;

    private final ConfigRules rules;
    /** Nodes that have no broker registration but exist: the voters of the quorum. */
    private final List<Integer> controllers;

    ConfigsDecider(ConfigRules rules, List<Integer> controllers) {
        this.rules = rules;
        this.controllers = List.copyOf(controllers);
    }

    /** The records of one resource, or why it cannot be; exactly one of the two is null. */
    record Change(List<ApiMessage> records, Refusal refusal) {
        private static Change refused(Refusal refusal) {
            return new Change(null, refusal);
        }
    }

    private record Resource(byte type, String name) {}

    /** The configs of a topic that is being created. */
    Change set(MetadataImage image, String topic, Map<String, String> values) {
        var next = new TreeMap<String, String>(values);
        return change(image, ResourceType.TOPIC, topic, next, List.of(), true);
    }

    Decision<IncrementalAlterConfigsResponse> alter(MetadataImage image, IncrementalAlterConfigsRequest request) {
        var response = new IncrementalAlterConfigsResponse();
        var twice = twice(request.resources().stream()
                .map(resource -> new Resource(resource.resourceType(), resource.resourceName()))
                .toList());
        var records = new ArrayList<ApiMessage>();
        for (var resource : request.resources()) {
            var key = new Resource(resource.resourceType(), resource.resourceName());
            var change = twice.contains(key) ? Change.refused(namedTwice()) : change(image, key, resource.configs());
            var outcome = outcome(change, records);
            response.responses()
                    .add(new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse()
                            .resourceType(resource.resourceType())
                            .resourceName(resource.resourceName())
                            .errorCode(outcome.error().code())
                            .errorMessage(outcome.message()));
        }
        return Decision.of(request.validateOnly() ? List.of() : records, response);
    }

    /** Replaces all configs of each resource. */
    Decision<AlterConfigsResponse> replace(MetadataImage image, AlterConfigsRequest request) {
        var response = new AlterConfigsResponse();
        var twice = twice(request.resources().stream()
                .map(resource -> new Resource(resource.resourceType(), resource.resourceName()))
                .toList());
        var records = new ArrayList<ApiMessage>();
        for (var resource : request.resources()) {
            var key = new Resource(resource.resourceType(), resource.resourceName());
            var change = twice.contains(key) ? Change.refused(namedTwice()) : replace(image, key, resource.configs());
            var outcome = outcome(change, records);
            response.responses()
                    .add(new AlterConfigsResponse.AlterConfigsResourceResponse()
                            .resourceType(resource.resourceType())
                            .resourceName(resource.resourceName())
                            .errorCode(outcome.error().code())
                            .errorMessage(outcome.message()));
        }
        return Decision.of(request.validateOnly() ? List.of() : records, response);
    }

    private static Refusal outcome(Change change, List<ApiMessage> records) {
        if (change.refusal() != null) {
            return change.refusal();
        }
        if (records.size() + change.records().size() > Decision.MAX_RECORDS) {
            return Refusal.tooLarge();
        }
        records.addAll(change.records());
        return new Refusal(ErrorCode.NONE, null);
    }

    private static LinkedHashSet<Resource> twice(List<Resource> resources) {
        var seen = new LinkedHashSet<Resource>();
        var twice = new LinkedHashSet<Resource>();
        for (var resource : resources) {
            if (!seen.add(resource)) {
                twice.add(resource);
            }
        }
        return twice;
    }

    private static Refusal namedTwice() {
        return Refusal.invalidRequest("Each resource must appear at most once.");
    }

    private Change change(
            MetadataImage image, Resource resource, List<IncrementalAlterConfigsRequest.AlterableConfig> changes) {
        var names = new ArrayList<String>();
        var withoutValue = new ArrayList<String>();
        for (var change : changes) {
            names.add(change.name());
            if (change.value() == null && change.configOperation() != DELETE) {
                withoutValue.add(change.name());
            }
        }
        var refusal = refusal(resource, names, withoutValue);
        if (refusal != null) {
            return Change.refused(refusal);
        }
        var type = ResourceType.of(resource.type());
        var existing = image.configs().of(type, resource.name());
        var next = new LinkedHashMap<String, String>();
        for (var change : changes) {
            byte operation = change.configOperation();
            if (operation < SET || operation > SUBTRACT) {
                return Change.refused(Refusal.invalidRequest("Unknown operations type " + operation));
            }
            if (operation >= APPEND && !rules.isList(type, change.name())) {
                return Change.refused(Refusal.invalidConfig("Can't " + (operation == APPEND ? "APPEND" : "SUBTRACT")
                        + " to key " + change.name() + " because its type is not LIST."));
            }
            String value =
                    switch (operation) {
                        case SET -> change.value();
                        case DELETE -> null;
                        default -> merged(type, change, existing.get(change.name()));
                    };
            next.put(change.name(), value);
        }
        return change(image, type, resource.name(), next, List.of(), false);
    }

    private String merged(ResourceType type, IncrementalAlterConfigsRequest.AlterableConfig change, String current) {
        String from = current == null ? rules.defaultText(type, change.name()) : current;
        var parts = new ArrayList<String>();
        if (from != null) {
            for (var part : from.split(",")) {
                if (!part.isEmpty()) {
                    parts.add(part);
                }
            }
        }
        for (var part : change.value().split(",")) {
            if (change.configOperation() == SUBTRACT) {
                parts.remove(part);
            } else if (!parts.contains(part)) {
                parts.add(part);
            }
        }
        return String.join(",", parts);
    }

    private Change replace(MetadataImage image, Resource resource, List<AlterConfigsRequest.AlterableConfig> configs) {
        var names = new ArrayList<String>();
        var withoutValue = new ArrayList<String>();
        var next = new LinkedHashMap<String, String>();
        for (var config : configs) {
            names.add(config.name());
            if (config.value() == null) {
                withoutValue.add(config.name());
            }
            next.put(config.name(), config.value());
        }
        var refusal = refusal(resource, names, withoutValue);
        if (refusal != null) {
            return Change.refused(refusal);
        }
        var type = ResourceType.of(resource.type());
        var dropped = new ArrayList<>(image.configs().of(type, resource.name()).keySet());
        dropped.removeAll(names);
        return change(image, type, resource.name(), next, dropped, false);
    }

    /** What is wrong with a resource's part of the request in itself; null if nothing is. */
    private static Refusal refusal(Resource resource, List<String> names, List<String> withoutValue) {
        if (names.stream().distinct().count() != names.size()) {
            return Refusal.invalidRequest("Error due to duplicate config keys");
        }
        if (!withoutValue.isEmpty()) {
            return Refusal.invalidRequest("Null value not supported for : " + String.join(", ", withoutValue));
        }
        var type = ResourceType.of(resource.type());
        if (type == null || type == ResourceType.BROKER_LOGGER) {
            return Refusal.invalidRequest("Unknown resource type " + resource.type());
        }
        return null;
    }

    /**
     * @param next new values, null for none, of the keys that are named
     * @param dropped keys that lose their value because they are not named
     */
    private Change change(
            MetadataImage image,
            ResourceType type,
            String name,
            Map<String, String> next,
            List<String> dropped,
            boolean isNew) {
        var existing = image.configs().of(type, name);
        var proposed = new TreeMap<>(existing);
        var records = new ArrayList<ApiMessage>();
        for (var entry : next.entrySet()) {
            String key = entry.getKey();
            String value = entry.getValue();
            var refusal = refusal(image, type, name, key, value);
            if (refusal != null) {
                return Change.refused(refusal);
            }
            put(proposed, key, value);
            if (type == ResourceType.BROKER || !Objects.equals(existing.get(key), value)) {
                // A broker's record is written even if nothing changes: it makes the broker read its key stores again.
                records.add(record(type, name, key, value));
            }
        }
        for (var key : dropped) {
            var refusal = refusal(image, type, name, key, null);
            if (refusal != null) {
                return Change.refused(refusal);
            }
            proposed.remove(key);
            records.add(record(type, name, key, null));
        }
        var refusal = resourceRefusal(image, type, name, existing, proposed, isNew);
        if (refusal != null) {
            return Change.refused(refusal);
        }
        addElrRecords(image, type, name, records);
        return new Change(records, null);
    }

    private static void put(Map<String, String> proposed, String key, String value) {
        if (value == null) {
            proposed.remove(key);
        } else {
            proposed.put(key, value);
        }
    }

    private static ConfigRecord record(ResourceType type, String name, String key, String value) {
        return new ConfigRecord()
                .resourceType(type.id())
                .resourceName(name)
                .name(key)
                .value(value);
    }

    private static Refusal refusal(MetadataImage image, ResourceType type, String name, String key, String value) {
        if (type == ResourceType.BROKER
                && key.equals(EffectiveConfigs.MIN_INSYNC_REPLICAS)
                && image.features().tracksEligibleLeaders()) {
            if (!name.isEmpty()) {
                return Refusal.invalidConfig(
                        "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
            }
            if (value == null) {
                return Refusal.invalidConfig(
                        "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
            }
        }
        if (type == ResourceType.BROKER
                && key.equals(CORDONED_LOG_DIRS)
                && !image.features().tracksCordonedDirectories()) {
            return Refusal.invalidConfig("The cordoned.log.dirs configuration value cannot be set because it requires"
                    + " metadata.version >= 4.3-IV0");
        }
        return value != null && value.length() > Short.MAX_VALUE
                ? Refusal.invalidConfig(
                        "The configuration value cannot be added because it exceeds the maximum value size of "
                                + Short.MAX_VALUE + " bytes.")
                : null;
    }

    private Refusal resourceRefusal(
            MetadataImage image,
            ResourceType type,
            String name,
            Map<String, String> existing,
            Map<String, String> proposed,
            boolean isNew) {
        var nameRefusal = nameRefusal(type, name);
        if (nameRefusal != null) {
            return nameRefusal;
        }
        var refusal = rules.refusal(type, name, existing, proposed);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (isNew) {
            return null;
        }
        if (type == ResourceType.TOPIC && image.topics().byName(name) == null) {
            return new Refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "The topic '" + name + "' does not exist.");
        }
        if (type == ResourceType.BROKER && !name.isEmpty()) {
            int node = Integer.parseInt(name);
            if (image.cluster().broker(node) == null && !controllers.contains(node)) {
                return new Refusal(ErrorCode.BROKER_ID_NOT_REGISTERED, "No node with id " + node + " found.");
            }
        }
        return null;
    }

    private static Refusal nameRefusal(ResourceType type, String name) {
        switch (type) {
            case TOPIC:
                if (name.isEmpty()) {
                    return Refusal.invalidRequest("Default topic resources are not allowed.");
                }
                String invalid = TopicNames.refusal(name);
                return invalid == null ? null : new Refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, invalid);
            case BROKER:
                return name.isEmpty() ? null : brokerNameRefusal(name);
            case GROUP:
                return name.isEmpty() ? Refusal.invalidRequest("Default group resources are not allowed.") : null;
            default:
                return null;
        }
    }

    private static Refusal brokerNameRefusal(String name) {
        try {
            return Integer.parseInt(name) < 0 ? Refusal.invalidRequest("Invalid negative broker ID.") : null;
        } catch (NumberFormatException e) {
            return Refusal.invalidRequest("Unable to parse broker name as a base 10 number.");
        }
    }

    /** Eligible leaders are kept by the size of the in-sync set that is wanted; when that changes they start afresh. */
    private static void addElrRecords(MetadataImage image, ResourceType type, String name, List<ApiMessage> records) {
        if (!image.features().tracksEligibleLeaders()) {
            return;
        }
        for (var record : List.copyOf(records)) {
            if (((ConfigRecord) record).name().equals(EffectiveConfigs.MIN_INSYNC_REPLICAS)) {
                records.add(new ClearElrRecord().topicName(type == ResourceType.TOPIC ? name : ""));
            }
        }
    }
}
