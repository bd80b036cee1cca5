package io.barnabas.compat.differential;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.generated.CoordinatorRecordJsonConverters;

/** Steps of {@link ConsumerGroupScenarios}: a scenario has a topic "t", whose id the session's answers name, and a group "g". */
final class ConsumerGroupSteps {
    private static final String OFFSETS_TOPIC = "__consumer_offsets";
    private static final int OFFSETS_PARTITIONS = 50;
    /** Default of group.consumer.heartbeat.interval.ms. */
    private static final int INTERVAL_MS = 5_000;

    private static final Pattern TOMBSTONE = Pattern.compile("^(\\w+) .* = gone$");
    private static final Pattern UNORDERED = Pattern.compile("[pP]artitions|^members$");
    /** A consumer's subscription, version 0, to nothing. */
    private static final byte[] SUBSCRIPTION = {0, 0, 0, 0, 0, 0, -1, -1, -1, -1};

    private ConsumerGroupSteps() {}

    /** Waits until there is a coordinator for each group, and makes the topic. */
    static void ready(Session session, int partitions) {
        Session.await("coordinator", () -> {
            FindCoordinatorResponseData found =
                    session.quietly(new FindCoordinatorRequestData().setKey(session.name("g")), 3);
            return found.errorCode() == 0
                    && List.of("g", "h", "c", "none").stream().allMatch(group -> {
                        ConsumerGroupHeartbeatResponseData answer =
                                session.quietly(stay(session, "x", 1).setGroupId(session.name(group)), 1);
                        return answer.errorCode() == 69;
                    });
        });
        topic(session, "t", partitions);
    }

    /** Makes a topic and waits until the group's coordinator knows it, which in Kafka may be later than everybody else does. */
    static void topic(Session session, String suffix, int partitions) {
        session.topic(session.name(suffix), partitions);
        String probe = probeOfSameShard(session.name("g"));
        var joining = join(session, "probe").setGroupId(probe).setSubscribedTopicNames(List.of(session.name(suffix)));
        Session.await("the coordinator to know " + suffix, () -> {
            ConsumerGroupHeartbeatResponseData joined = session.quietly(joining, 1);
            boolean known = joined.errorCode() == 0 && assigned(joined).length == partitions;
            session.quietly(stay(session, "probe", -1).setGroupId(probe), 1);
            return known;
        });
    }

    private static String probeOfSameShard(String group) {
        for (int i = 0; ; i++) {
            String probe = "probe-" + i + "-" + group;
            if (shardOf(probe) == shardOf(group)) {
                return probe;
            }
        }
    }

    private static int shardOf(String group) {
        return Utils.abs(group.hashCode()) % OFFSETS_PARTITIONS;
    }

    static ConsumerGroupHeartbeatRequestData join(Session session, String memberId) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(session.name("g"))
                .setMemberId(memberId)
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(60_000)
                .setSubscribedTopicNames(List.of(session.name("t")))
                .setTopicPartitions(List.of());
    }

    static ConsumerGroupHeartbeatRequestData regex(Session session, String memberId, String regex) {
        return join(session, memberId).setSubscribedTopicNames(null).setSubscribedTopicRegex(regex);
    }

    static ConsumerGroupHeartbeatRequestData stay(Session session, String memberId, int epoch) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(session.name("g"))
                .setMemberId(memberId)
                .setMemberEpoch(epoch);
    }

    static ConsumerGroupHeartbeatRequestData owning(Session session, String memberId, int epoch, int... partitions) {
        var topic = new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                .setTopicId(topicId(session, "t"))
                .setPartitions(IntStream.of(partitions).boxed().toList());
        return stay(session, memberId, epoch).setTopicPartitions(partitions.length == 0 ? List.of() : List.of(topic));
    }

    /** Other scenarios may subscribe to it too; it is there once there is a coordinator. */
    static void nameOffsetsTopic(Session session) {
        session.transcript().name(idOf(session, OFFSETS_TOPIC).toString(), "id of " + OFFSETS_TOPIC);
    }

    static Uuid topicId(Session session, String suffix) {
        return idOf(session, session.name(suffix));
    }

    private static Uuid idOf(Session session, String topic) {
        MetadataResponseData metadata = session.quietly(
                new MetadataRequestData()
                        .setAllowAutoTopicCreation(false)
                        .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName(topic))),
                12);
        return metadata.topics().iterator().next().topicId();
    }

    /**
     * A heartbeat and its answer, without the order and the words that are the broker's own. After a change, Barnabas wants to hear from
     * members sooner than Kafka does.
     */
    static ConsumerGroupHeartbeatResponseData hear(
            Session session, ConsumerGroupHeartbeatRequestData request, int version) {
        ConsumerGroupHeartbeatResponseData response = session.quietly(request, version);
        int intervalMs = response.heartbeatIntervalMs();
        session.transcript()
                .note(intervalMs > 0 && intervalMs <= INTERVAL_MS ? "interval" : "no interval " + intervalMs);
        session.transcript().add("ConsumerGroupHeartbeat", normalized(response), (short) version);
        return response;
    }

    private static ConsumerGroupHeartbeatResponseData normalized(ConsumerGroupHeartbeatResponseData response) {
        var copy = response.duplicate();
        copy.setErrorMessage(response.errorMessage() == null ? null : "*");
        if (copy.assignment() != null) {
            copy.assignment()
                    .topicPartitions()
                    .forEach(topic -> topic.setPartitions(
                            topic.partitions().stream().sorted().toList()));
        }
        return copy;
    }

    /** Partitions of the one topic assigned. */
    static int[] assigned(ConsumerGroupHeartbeatResponseData response) {
        return response.assignment().topicPartitions().stream()
                .flatMapToInt(topic -> topic.partitions().stream().mapToInt(Integer::intValue))
                .toArray();
    }

    /** Heartbeats of a member that owns nothing until it is in an epoch; then one more goes into the transcript. */
    static void untilEpoch(Session session, String memberId, int from, int to) {
        int[] epoch = {from};
        Session.await("epoch " + to + " of " + memberId, () -> {
            ConsumerGroupHeartbeatResponseData answer =
                    session.quietly(stay(session, memberId, epoch[0]).setTopicPartitions(List.of()), 1);
            if (answer.errorCode() != 0) {
                throw new IllegalStateException(answer.toString());
            }
            epoch[0] = answer.memberEpoch();
            return epoch[0] >= to;
        });
        hear(session, stay(session, memberId, to), 1);
    }

    static void describe(Session session, String group) {
        describe(session, group, 1);
    }

    static void describe(Session session, String group, int version) {
        ConsumerGroupDescribeResponseData response = session.quietly(
                new ConsumerGroupDescribeRequestData().setGroupIds(List.of(session.name(group))), version);
        var copy = response.duplicate();
        for (var described : copy.groups()) {
            described.setMembers(described.members().stream()
                    // Ids that the broker drew come last.
                    .sorted(Comparator.comparing((ConsumerGroupDescribeResponseData.Member member) ->
                                    member.memberId().length())
                            .thenComparing(ConsumerGroupDescribeResponseData.Member::memberId))
                    .toList());
            described.members().forEach(member -> {
                sort(member.assignment());
                sort(member.targetAssignment());
                member.setSubscribedTopicNames(
                        member.subscribedTopicNames().stream().sorted().toList());
            });
        }
        session.transcript().add("ConsumerGroupDescribe", copy, (short) version);
    }

    private static void sort(ConsumerGroupDescribeResponseData.Assignment assignment) {
        assignment.setTopicPartitions(assignment.topicPartitions().stream()
                .sorted(Comparator.comparing(ConsumerGroupDescribeResponseData.TopicPartitions::topicName))
                .toList());
        assignment
                .topicPartitions()
                .forEach(topic ->
                        topic.setPartitions(topic.partitions().stream().sorted().toList()));
    }

    static OffsetCommitRequestData commit(Session session, String memberId, int epoch, int... partitions) {
        var topic = new OffsetCommitRequestData.OffsetCommitRequestTopic()
                .setName(session.name("t"))
                .setTopicId(topicId(session, "t"));
        for (int partition : partitions.length == 0 ? new int[] {0} : partitions) {
            topic.partitions()
                    .add(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                            .setPartitionIndex(partition)
                            .setCommittedOffset(42)
                            .setCommittedMetadata("note"));
        }
        return new OffsetCommitRequestData()
                .setGroupId(session.name("g"))
                .setMemberId(memberId)
                .setGenerationIdOrMemberEpoch(epoch)
                .setTopics(List.of(topic));
    }

    static OffsetFetchRequestData fetch(Session session, String memberId, int epoch) {
        return new OffsetFetchRequestData()
                .setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup()
                        .setGroupId(session.name("g"))
                        .setMemberId(memberId)
                        .setMemberEpoch(epoch)
                        .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopics()
                                .setName(session.name("t"))
                                .setPartitionIndexes(List.of(0))))));
    }

    static OffsetDeleteRequestData deleteOffsets(Session session, String topic) {
        var request = new OffsetDeleteRequestData().setGroupId(session.name("g"));
        request.topics()
                .add(new OffsetDeleteRequestData.OffsetDeleteRequestTopic()
                        .setName(session.name(topic))
                        .setPartitions(List.of(
                                new OffsetDeleteRequestData.OffsetDeleteRequestPartition().setPartitionIndex(0))));
        return request;
    }

    /** A member of a classic group that subscribes to nothing. */
    static JoinGroupResponseData joinClassic(Session session, String group, String instanceId) {
        var request = new JoinGroupRequestData()
                .setGroupId(session.name(group))
                .setSessionTimeoutMs(30_000)
                .setRebalanceTimeoutMs(30_000)
                .setGroupInstanceId(instanceId.isEmpty() ? null : instanceId)
                .setProtocolType("consumer");
        request.protocols()
                .add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                        .setName("range")
                        .setMetadata(SUBSCRIPTION));
        JoinGroupResponseData asked = session.quietly(request, 7);
        return asked.errorCode() == 79 ? session.call(request.setMemberId(asked.memberId()), 7) : asked;
    }

    /** Other scenarios have groups too: only this one's, in order. */
    static void listed(Session session, int version, List<String> states, List<String> types) {
        var request = new ListGroupsRequestData().setStatesFilter(states).setTypesFilter(types);
        ListGroupsResponseData response = session.quietly(request, version);
        session.transcript().note("v" + version + " error " + response.errorCode());
        response.groups().stream()
                .filter(group -> group.groupId().startsWith(session.name("")))
                .map(group -> "  " + group)
                .sorted()
                .forEach(session.transcript()::note);
    }

    /** What the log holds about a group, record by record, as Kafka reads it. */
    static void log(Session session, String group) {
        String id = session.name(group);
        int partition = shardOf(id);
        var asked = new FetchRequestData.FetchTopic().setTopic(OFFSETS_TOPIC);
        asked.partitions()
                .add(new FetchRequestData.FetchPartition()
                        .setPartition(partition)
                        .setFetchOffset(0)
                        .setPartitionMaxBytes(1 << 24));
        FetchResponseData response = session.quietly(
                new FetchRequestData()
                        .setMaxWaitMs(100)
                        .setMinBytes(1)
                        .setMaxBytes(1 << 24)
                        .setTopics(List.of(asked)),
                12);
        var lines = new ArrayList<String>();
        var serde = new GroupCoordinatorRecordSerde();
        var records =
                (MemoryRecords) response.responses().get(0).partitions().get(0).records();
        records.records().forEach(record -> {
            var read = serde.deserialize(record.key(), copy(record.value()));
            var key = CoordinatorRecordJsonConverters.writeRecordKeyAsJson(read.key());
            if (key.path("groupId").asText(key.path("group").asText()).equals(id)) {
                var value = read.value() == null
                        ? "gone"
                        : sorted(
                                        CoordinatorRecordJsonConverters.writeRecordValueAsJson(
                                                read.value().message(),
                                                read.value().version()),
                                        session.transcript()::masked)
                                .toString();
                lines.add(read.key().getClass().getSimpleName() + " " + key + " = " + masked(value));
            }
        });
        var named =
                new ArrayList<>(lines.stream().map(session.transcript()::masked).toList());
        sortTombstones(named, TOMBSTONE);
        named.forEach(session.transcript()::note);
    }

    /**
     * Members that go at the same time go in the order of a hash table of drawn ids.
     *
     * @param tombstone finds one; its group is the kind of record
     */
    static void sortTombstones(List<String> lines, Pattern tombstone) {
        Function<String, String> kind = line -> {
            var matcher = tombstone.matcher(line);
            return matcher.find() ? matcher.group(1) : "";
        };
        for (int from = 0, to = 1; to <= lines.size(); to++) {
            String first = kind.apply(lines.get(from));
            if (to == lines.size() || !first.equals(kind.apply(lines.get(to)))) {
                if (!first.isEmpty()) {
                    lines.subList(from, to).sort(Comparator.naturalOrder());
                }
                from = to;
            }
        }
    }

    /** Topics and classic members stand in the order of a hash table of ids. */
    static JsonNode sorted(JsonNode value, UnaryOperator<String> masking) {
        value.fields().forEachRemaining(field -> {
            if (field.getValue() instanceof ArrayNode array
                    && UNORDERED.matcher(field.getKey()).find()) {
                var elements = new ArrayList<JsonNode>();
                array.forEach(elements::add);
                elements.sort(Comparator.comparing(element -> masking.apply(element.toString())));
                array.removeAll();
                array.addAll(elements);
            }
        });
        return value;
    }

    private static ByteBuffer copy(ByteBuffer value) {
        return value == null ? null : value.duplicate();
    }

    /** Times, versions of metadata, and what is made of topic ids. */
    static String masked(String value) {
        return value.replaceAll(
                "\"(assignmentTimestamp|timestamp|expireTimestamp|version|commitTimestamp|currentStateTimestamp|metadataHash)\":-?[1-9]\\d*",
                "\"$1\":*");
    }
}
