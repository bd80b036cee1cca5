package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.CreatePartitionsRequest;
import io.barnabas.protocol.message.CreatePartitionsRequest.CreatePartitionsTopic;
import io.barnabas.protocol.message.CreatePartitionsResponse;
import io.barnabas.protocol.message.CreatePartitionsResponse.CreatePartitionsTopicResult;
import io.barnabas.protocol.message.ElectLeadersRequest;
import io.barnabas.protocol.message.ElectLeadersResponse;
import io.barnabas.protocol.message.ElectLeadersResponse.PartitionResult;
import io.barnabas.protocol.message.ElectLeadersResponse.ReplicaElectionResult;
import io.barnabas.protocol.metadata.PartitionRecord;
import io.barnabas.protocol.wire.ApiMessage;

/** Adds partitions (CreatePartitions, API 37, v0–3) and elects leaders on demand (ElectLeaders, API 43, v0–2). */
final class PartitionsDecider {
    private static final byte PREFERRED = 0;
    private static final byte UNCLEAN = 1;

    private final EffectiveConfigs configs;
    private final Dice dice;

    PartitionsDecider(EffectiveConfigs configs, Dice dice) {
        this.configs = configs;
        this.dice = dice;
    }

    Decision<CreatePartitionsResponse> create(MetadataImage image, CreatePartitionsRequest request) {
        var response = new CreatePartitionsResponse();
        var topics = new LinkedHashMap<String, CreatePartitionsTopic>();
        var twice = new LinkedHashSet<String>();
        for (var topic : request.topics()) {
            if (topics.putIfAbsent(topic.name(), topic) != null) {
                twice.add(topic.name());
            }
        }
        for (var name : twice) {
            topics.remove(name);
            response.results().add(result(name, Refusal.invalidRequest("Duplicate topic name.")));
        }
        var records = new ArrayList<ApiMessage>();
        for (var topic : topics.values()) {
            var added = new ArrayList<PartitionRecord>();
            var refusal = add(image, topic, Decision.MAX_RECORDS - records.size(), added);
            if (refusal == null) {
                records.addAll(added);
            }
            response.results().add(result(topic.name(), refusal == null ? new Refusal(ErrorCode.NONE, null) : refusal));
        }
        return Decision.of(request.validateOnly() ? List.of() : records, response);
    }

    private static CreatePartitionsTopicResult result(String name, Refusal outcome) {
        return new CreatePartitionsTopicResult()
                .name(name)
                .errorCode(outcome.error().code())
                .errorMessage(outcome.message());
    }

    private Refusal add(
            MetadataImage image, CreatePartitionsTopic request, int mostRecords, List<PartitionRecord> added) {
        var topic = image.topics().byName(request.name());
        if (topic == null) {
            return new Refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null);
        }
        int existing = topic.partitionCount();
        if (request.count() == existing) {
            return new Refusal(ErrorCode.INVALID_PARTITIONS, "Topic already has " + existing + " partition(s).");
        }
        if (request.count() < existing) {
            return new Refusal(
                    ErrorCode.INVALID_PARTITIONS,
                    "The topic " + request.name() + " currently has " + existing + " partition(s); " + request.count()
                            + " would not be an increase.");
        }
        int additional = request.count() - existing;
        var assignments = request.assignments();
        if (assignments != null && assignments.size() != additional) {
            return Refusal.invalidAssignment("Attempted to add " + additional + " additional partition(s), but only "
                    + assignments.size() + " assignment(s) were specified.");
        }
        if (additional > mostRecords) {
            return Refusal.tooLarge();
        }
        return assignments == null ? place(image, topic, additional, added) : assign(image, topic, request, added);
    }

    private static Refusal assign(
            MetadataImage image, TopicImage topic, CreatePartitionsTopic request, List<PartitionRecord> added) {
        int number = topic.partitionCount();
        for (var assignment : request.assignments()) {
            String invalid = Assignments.refusal(image.cluster(), assignment.brokerIds(), topic.replicationFactor());
            if (invalid != null) {
                return Refusal.invalidAssignment(invalid);
            }
            var partition =
                    Assignments.create(image.cluster(), topic.id(), number, List.copyOf(assignment.brokerIds()));
            if (partition == null) {
                return Refusal.invalidAssignment(
                        "All brokers specified in the manual partition assignment for partition " + number
                                + " are fenced or in controlled shutdown.");
            }
            added.add(partition);
            number++;
        }
        return null;
    }

    private Refusal place(MetadataImage image, TopicImage topic, int additional, List<PartitionRecord> added) {
        int replicationFactor = topic.replicationFactor();
        var placement = new Placement(image.cluster(), dice);
        String reason = placement.refusal(replicationFactor);
        if (reason != null) {
            return new Refusal(ErrorCode.INVALID_REPLICATION_FACTOR, reason);
        }
        for (int i = 0; i < additional; i++) {
            int number = topic.partitionCount() + i;
            var partition = Assignments.create(image.cluster(), topic.id(), number, placement.next(replicationFactor));
            if (partition == null) {
                return new Refusal(
                        ErrorCode.INVALID_REPLICATION_FACTOR,
                        "Unable to replicate the partition " + replicationFactor
                                + " time(s): All brokers are currently fenced or in controlled shutdown.");
            }
            added.add(partition);
        }
        return null;
    }

    Decision<ElectLeadersResponse> elect(MetadataImage image, ElectLeadersRequest request) {
        var response = new ElectLeadersResponse();
        byte type = request.electionType();
        if (type != PREFERRED && type != UNCLEAN) {
            response.errorCode(ErrorCode.INVALID_REQUEST.code());
            return Decision.refused(response, "ElectLeaders was refused: unknown election type " + type);
        }
        var kind = type == PREFERRED ? Elections.Kind.PREFERRED : Elections.Kind.UNCLEAN;
        var elections = Elections.among(image, configs);
        var records = new ArrayList<ApiMessage>();
        if (request.topicPartitions() == null) {
            electEverywhere(image, elections, kind, response, records);
        } else {
            for (var topic : request.topicPartitions()) {
                var results = new ReplicaElectionResult().topic(topic.topic());
                response.replicaElectionResults().add(results);
                for (int partition : topic.partitions()) {
                    var outcome = elect(image, elections, kind, topic.topic(), partition, records);
                    results.partitionResult().add(result(partition, outcome));
                }
            }
        }
        return Decision.of(records, response);
    }

    /** Partitions that need no election are left out. */
    private static void electEverywhere(
            MetadataImage image,
            Elections elections,
            Elections.Kind kind,
            ElectLeadersResponse response,
            List<ApiMessage> records) {
        for (var topic : image.topics().all()) {
            var results = new ReplicaElectionResult().topic(topic.name());
            response.replicaElectionResults().add(results);
            for (int partition = 0; partition < topic.partitionCount(); partition++) {
                var outcome = elect(image, elections, kind, topic.name(), partition, records);
                if (outcome.error() != ErrorCode.ELECTION_NOT_NEEDED) {
                    results.partitionResult().add(result(partition, outcome));
                }
            }
        }
    }

    private static Refusal elect(
            MetadataImage image,
            Elections elections,
            Elections.Kind kind,
            String name,
            int number,
            List<ApiMessage> records) {
        var topic = image.topics().byName(name);
        if (topic == null) {
            return new Refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "No such topic as " + name);
        }
        var partition = topic.partition(number);
        if (partition == null) {
            return new Refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "No such partition as " + name + "-" + number);
        }
        boolean preferred = kind == Elections.Kind.PREFERRED;
        if (preferred
                ? partition.leader() == partition.replicas().get(0)
                : partition.leader() != PartitionImage.NO_LEADER) {
            return Refusal.of(ErrorCode.ELECTION_NOT_NEEDED);
        }
        if (records.size() == Decision.MAX_RECORDS) {
            return Refusal.tooLarge();
        }
        var change = elections.change(topic, partition, partition.isr(), partition.recovering(), kind);
        if (change == null) {
            return Refusal.of(
                    preferred ? ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE : ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE);
        }
        records.add(change);
        return new Refusal(ErrorCode.NONE, null);
    }

    private static PartitionResult result(int partition, Refusal outcome) {
        return new PartitionResult()
                .partitionId(partition)
                .errorCode(outcome.error().code())
                .errorMessage(outcome.message());
    }
}
