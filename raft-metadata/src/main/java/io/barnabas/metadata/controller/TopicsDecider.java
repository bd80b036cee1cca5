package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsRequest.CreatableTopic;
import io.barnabas.protocol.message.CreateTopicsResponse;
import io.barnabas.protocol.message.CreateTopicsResponse.CreatableTopicConfigs;
import io.barnabas.protocol.message.CreateTopicsResponse.CreatableTopicResult;
import io.barnabas.protocol.message.DeleteTopicsRequest;
import io.barnabas.protocol.message.DeleteTopicsResponse;
import io.barnabas.protocol.message.DeleteTopicsResponse.DeletableTopicResult;
import io.barnabas.protocol.metadata.PartitionRecord;
import io.barnabas.protocol.metadata.RemoveTopicRecord;
import io.barnabas.protocol.metadata.TopicRecord;
import io.barnabas.protocol.wire.ApiMessage;

/** Creates and deletes topics: CreateTopics (API 19, v2–7) and DeleteTopics (API 20, v1–6). Errors and their order are Kafka's. */
final class TopicsDecider {
    private static final int MAX_PARTITIONS_PER_REQUEST = 10_000;
    private static final int UNSET = -1;

    private final TopicDefaults defaults;
    private final EffectiveConfigs configs;
    private final ConfigsDecider configsDecider;
    private final Dice dice;
    private final Supplier<Uuid> ids;

    TopicsDecider(
            TopicDefaults defaults,
            EffectiveConfigs configs,
            ConfigsDecider configsDecider,
            Dice dice,
            Supplier<Uuid> ids) {
        this.defaults = defaults;
        this.configs = configs;
        this.configsDecider = configsDecider;
        this.dice = dice;
        this.ids = ids;
    }

    /** All topics of one request are judged against the same image: none sees another. */
    Decision<CreateTopicsResponse> create(MetadataImage image, CreateTopicsRequest request) {
        var response = new CreateTopicsResponse();
        var topics = new LinkedHashMap<String, CreatableTopic>();
        var twice = new LinkedHashSet<String>();
        long partitions = 0;
        for (var topic : request.topics()) {
            if (topics.putIfAbsent(topic.name(), topic) != null) {
                twice.add(topic.name());
            }
        }
        topics.keySet().removeAll(twice);
        boolean prohibited = topics.remove(TopicNames.METADATA_TOPIC) != null;
        for (var topic : topics.values()) {
            partitions += partitionsAskedFor(topic);
        }
        if (partitions > MAX_PARTITIONS_PER_REQUEST) {
            return refuseAll(
                    request,
                    new Refusal(ErrorCode.POLICY_VIOLATION, "Excessively large number of partitions per request."));
        }
        var records = new ArrayList<ApiMessage>();
        var note = new StringBuilder();
        for (var topic : topics.values()) {
            var creation = create(image, topic);
            response.topics().add(creation.result);
            records.addAll(creation.records);
            note.append(note.isEmpty() ? "" : ", ").append(topic.name());
            if (creation.result.errorCode() != ErrorCode.NONE.code()) {
                note.append(" (")
                        .append(ErrorCode.of(creation.result.errorCode()))
                        .append(')');
            }
        }
        if (records.size() > Decision.MAX_RECORDS) {
            return refuseAll(request, Refusal.tooLarge());
        }
        for (var name : twice) {
            response.topics().add(result(name, Refusal.invalidRequest("Duplicate topic name.")));
        }
        if (prohibited) {
            response.topics()
                    .add(result(
                            TopicNames.METADATA_TOPIC,
                            Refusal.invalidRequest(
                                    "Creation of internal topic " + TopicNames.METADATA_TOPIC + " is prohibited.")));
        }
        if (request.validateOnly()) {
            return new Decision<>(List.of(), response, null);
        }
        // Where nothing was created, whoever asked was told all there is to say.
        return new Decision<>(records, response, records.isEmpty() ? null : "CreateTopics: " + note);
    }

    private static Decision<CreateTopicsResponse> refuseAll(CreateTopicsRequest request, Refusal refusal) {
        var response = new CreateTopicsResponse();
        for (var topic : request.topics()) {
            response.topics().add(result(topic.name(), refusal));
        }
        return Decision.refused(response, "CreateTopics was refused: " + refusal.message());
    }

    private int partitionsAskedFor(CreatableTopic topic) {
        if (!topic.assignments().isEmpty()) {
            return topic.assignments().size();
        }
        return topic.numPartitions() == UNSET ? defaults.partitions() : Math.max(0, topic.numPartitions());
    }

    private record Creation(List<? extends ApiMessage> records, CreatableTopicResult result) {}

    private Creation create(MetadataImage image, CreatableTopic topic) {
        var refusal = nameRefusal(image, topic.name());
        if (refusal != null) {
            return refused(topic, refusal);
        }
        var own = new TreeMap<String, String>();
        var withoutValue = new ArrayList<String>();
        for (var config : topic.configs()) {
            if (config.value() == null) {
                withoutValue.add(config.name());
            } else {
                own.put(config.name(), config.value());
            }
        }
        if (!withoutValue.isEmpty()) {
            return refused(
                    topic,
                    Refusal.invalidConfig(
                            "Null value not supported for topic configs: " + String.join(",", withoutValue)));
        }
        var configChange = configsDecider.set(image, topic.name(), own);
        if (configChange.refusal() != null) {
            return refused(topic, configChange.refusal());
        }
        var id = ids.get();
        var partitions = new ArrayList<PartitionRecord>();
        refusal = topic.assignments().isEmpty()
                ? place(image, topic, id, partitions)
                : assign(image, topic, id, partitions);
        if (refusal != null) {
            return refused(topic, refusal);
        }
        var records = new ArrayList<ApiMessage>(partitions.size() + 1);
        records.add(new TopicRecord().name(topic.name()).topicId(id));
        records.addAll(configChange.records());
        records.addAll(partitions);
        return new Creation(records, success(image, topic, id, partitions, own));
    }

    /** Kafka lets "exists already" win over a collision, and a collision over a bad name. */
    private static Refusal nameRefusal(MetadataImage image, String name) {
        if (image.topics().byName(name) != null) {
            return new Refusal(ErrorCode.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' already exists.");
        }
        var colliding = image.topics().collidingWith(name);
        if (!colliding.isEmpty()) {
            return new Refusal(
                    ErrorCode.INVALID_TOPIC_EXCEPTION,
                    "Topic '" + name + "' collides with existing topic: "
                            + colliding.iterator().next());
        }
        String invalid = TopicNames.refusal(name);
        return invalid == null ? null : new Refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, invalid);
    }

    private Refusal assign(MetadataImage image, CreatableTopic topic, Uuid id, List<PartitionRecord> partitions) {
        if (topic.replicationFactor() != UNSET) {
            return Refusal.invalidRequest(
                    "A manual partition assignment was specified, but replication factor was not set to -1.");
        }
        if (topic.numPartitions() != UNSET) {
            return Refusal.invalidRequest(
                    "A manual partition assignment was specified, but numPartitions was not set to -1.");
        }
        var byNumber = new HashMap<Integer, PartitionRecord>();
        int replicationFactor = UNSET;
        for (var assignment : topic.assignments()) {
            int number = assignment.partitionIndex();
            if (byNumber.containsKey(number)) {
                return Refusal.invalidAssignment("Found multiple manual partition assignments for partition " + number);
            }
            String invalid = Assignments.refusal(image.cluster(), assignment.brokerIds(), replicationFactor);
            if (invalid != null) {
                return Refusal.invalidAssignment(invalid);
            }
            replicationFactor = assignment.brokerIds().size();
            var partition = Assignments.create(image.cluster(), id, number, List.copyOf(assignment.brokerIds()));
            if (partition == null) {
                return Refusal.invalidAssignment(
                        "All brokers specified in the manual partition assignment for partition " + number
                                + " are fenced or in controlled shutdown.");
            }
            byNumber.put(number, partition);
        }
        for (int number = 0; number < byNumber.size(); number++) {
            var partition = byNumber.get(number);
            if (partition == null) {
                return Refusal.invalidAssignment("partitions should be a consecutive 0-based integer sequence");
            }
            partitions.add(partition);
        }
        return null;
    }

    private Refusal place(MetadataImage image, CreatableTopic topic, Uuid id, List<PartitionRecord> partitions) {
        if (topic.replicationFactor() < UNSET || topic.replicationFactor() == 0) {
            return new Refusal(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "Replication factor must be larger than 0, or -1 to use the default value.");
        }
        if (topic.numPartitions() < UNSET || topic.numPartitions() == 0) {
            return new Refusal(
                    ErrorCode.INVALID_PARTITIONS, "Number of partitions was set to an invalid non-positive value.");
        }
        int count = partitionsAskedFor(topic);
        int replicationFactor =
                topic.replicationFactor() == UNSET ? defaults.replicationFactor() : topic.replicationFactor();
        var placement = new Placement(image.cluster(), dice);
        String reason = placement.refusal(replicationFactor);
        for (int number = 0; reason == null && number < count; number++) {
            var partition = Assignments.create(image.cluster(), id, number, placement.next(replicationFactor));
            if (partition == null) {
                reason = "All brokers are currently fenced or in controlled shutdown.";
            }
            partitions.add(partition);
        }
        return reason == null
                ? null
                : new Refusal(
                        ErrorCode.INVALID_REPLICATION_FACTOR,
                        "Unable to replicate the partition " + replicationFactor + " time(s): " + reason);
    }

    private CreatableTopicResult success(
            MetadataImage image,
            CreatableTopic topic,
            Uuid id,
            List<PartitionRecord> partitions,
            Map<String, String> own) {
        var result = new CreatableTopicResult()
                .name(topic.name())
                .topicId(id)
                .errorMessage(null)
                .numPartitions(partitions.size())
                .replicationFactor((short) partitions.get(0).replicas().size());
        for (var config : configs.describe(image, own)) {
            result.configs()
                    .add(new CreatableTopicConfigs()
                            .name(config.name())
                            .value(config.sensitive() ? null : config.value())
                            .readOnly(false)
                            .configSource(config.source())
                            .isSensitive(config.sensitive()));
        }
        return result;
    }

    private static Creation refused(CreatableTopic topic, Refusal refusal) {
        return new Creation(List.of(), result(topic.name(), refusal));
    }

    private static CreatableTopicResult result(String name, Refusal refusal) {
        return new CreatableTopicResult()
                .name(name)
                .errorCode(refusal.error().code())
                .errorMessage(refusal.message());
    }

    /** Topics by name, by id, or some of each; whether deleting is allowed at all is for the caller. */
    Decision<DeleteTopicsResponse> delete(MetadataImage image, DeleteTopicsRequest request) {
        var deletion = new Deletion(image);
        request.topicNames().forEach(deletion::name);
        for (var topic : request.topics()) {
            deletion.nameOrId(topic.name(), topic.topicId());
        }
        return deletion.decide();
    }

    /** Sorts out what one DeleteTopics names; a topic that is named twice in any way is not deleted. */
    private static final class Deletion {
        private final MetadataImage image;
        private final DeleteTopicsResponse response = new DeleteTopicsResponse();
        private final LinkedHashSet<String> names = new LinkedHashSet<>();
        private final LinkedHashSet<String> namesTwice = new LinkedHashSet<>();
        private final LinkedHashSet<Uuid> ids = new LinkedHashSet<>();
        private final LinkedHashSet<Uuid> idsTwice = new LinkedHashSet<>();

        Deletion(MetadataImage image) {
            this.image = image;
        }

        void name(String name) {
            if (!names.add(name)) {
                namesTwice.add(name);
            }
        }

        void nameOrId(String name, Uuid id) {
            if (name != null && id.equals(Uuid.ZERO)) {
                name(name);
            } else if (name != null) {
                add(name, id, Refusal.invalidRequest("You may not specify both topic name and topic id."));
            } else if (id.equals(Uuid.ZERO)) {
                add(null, id, Refusal.invalidRequest("Neither topic name nor id were specified."));
            } else if (!ids.add(id)) {
                idsTwice.add(id);
            }
        }

        Decision<DeleteTopicsResponse> decide() {
            for (var name : namesTwice) {
                add(name, Uuid.ZERO, Refusal.invalidRequest("Duplicate topic name."));
            }
            for (var id : idsTwice) {
                add(null, id, Refusal.invalidRequest("Duplicate topic id."));
            }
            names.removeAll(namesTwice);
            ids.removeAll(idsTwice);
            var doomed = new LinkedHashMap<Uuid, String>();
            for (var id : ids) {
                var topic = image.topics().byId(id);
                if (topic == null) {
                    add(null, id, Refusal.of(ErrorCode.UNKNOWN_TOPIC_ID));
                } else {
                    doomed.put(id, topic.name());
                }
            }
            var idsSaid = new HashSet<>(ids);
            idsSaid.addAll(idsTwice);
            for (var name : names) {
                byName(name, idsSaid, doomed);
            }
            return decide(doomed);
        }

        private void byName(String name, HashSet<Uuid> idsSaid, Map<Uuid, String> doomed) {
            var topic = image.topics().byName(name);
            if (topic == null) {
                add(name, Uuid.ZERO, Refusal.of(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
            } else if (idsSaid.contains(topic.id())) {
                doomed.remove(topic.id());
                add(
                        name,
                        topic.id(),
                        Refusal.invalidRequest("The provided topic name maps to an ID that was already supplied."));
            } else {
                doomed.put(topic.id(), name);
            }
        }

        private Decision<DeleteTopicsResponse> decide(Map<Uuid, String> doomed) {
            if (doomed.size() > Decision.MAX_RECORDS) {
                doomed.forEach((id, name) -> add(name, id, Refusal.tooLarge()));
                return Decision.nothing(response);
            }
            var records = new ArrayList<ApiMessage>(doomed.size());
            doomed.forEach((id, name) -> {
                records.add(new RemoveTopicRecord().topicId(id));
                add(name, id, new Refusal(ErrorCode.NONE, null));
            });
            return new Decision<>(
                    records,
                    response,
                    records.isEmpty() ? null : "DeleteTopics: " + String.join(", ", doomed.values()));
        }

        private void add(String name, Uuid id, Refusal outcome) {
            response.responses()
                    .add(new DeletableTopicResult()
                            .name(name)
                            .topicId(id)
                            .errorCode(outcome.error().code())
                            .errorMessage(outcome.message()));
        }
    }
}
