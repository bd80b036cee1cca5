package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponse;
import io.barnabas.protocol.record.RecordBatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static io.barnabas.broker.coordinator.group.ShardDriver.GROUP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

/** The consumer group protocol, rule by rule (KIP-848). */
class ConsumerGroupTest {
    private final ShardDriver driver = new ShardDriver();

    @BeforeEach
    void topics() {
        driver.topics = FakeTopics.NONE.with("t", 4);
    }

    private static ConsumerGroupHeartbeatRequest joining(String memberId, String... topics) {
        return new ConsumerGroupHeartbeatRequest()
                .groupId(GROUP)
                .memberId(memberId)
                .rebalanceTimeoutMs(60_000)
                .subscribedTopicNames(List.of(topics))
                .topicPartitions(List.of());
    }

    private static ConsumerGroupHeartbeatRequest staying(String memberId, int epoch) {
        return new ConsumerGroupHeartbeatRequest()
                .groupId(GROUP)
                .memberId(memberId)
                .memberEpoch(epoch)
                .rebalanceTimeoutMs(-1)
                .subscribedTopicNames(null)
                .topicPartitions(null);
    }

    private ConsumerGroupHeartbeatRequest owning(String memberId, int epoch, Integer... partitions) {
        var topic = new TopicPartitions().topicId(topicId()).partitions(List.of(partitions));
        return staying(memberId, epoch).topicPartitions(partitions.length == 0 ? List.of() : List.of(topic));
    }

    private Uuid topicId() {
        return driver.topics.byName("t").id();
    }

    private ConsumerGroupHeartbeatResponse heard(ConsumerGroupHeartbeatRequest request) {
        var response = driver.heartbeat(request).heard();
        assertEquals(0, response.errorCode(), response::toString);
        return response;
    }

    private ErrorCode error(ConsumerGroupHeartbeatRequest request) {
        return driver.heartbeat(request).error();
    }

    private static List<Integer> assigned(ConsumerGroupHeartbeatResponse response) {
        if (response.assignment() == null) {
            return null;
        }
        var all = new TreeSet<Integer>();
        response.assignment().topicPartitions().forEach(topic -> all.addAll(topic.partitions()));
        return new ArrayList<>(all);
    }

    private String state() {
        return driver.shard().describeConsumer(GROUP).groupState();
    }

    @Test
    void theFirstMemberGetsEverythingAtOnce() {
        var joined = heard(joining("a", "t"));
        assertEquals(2, joined.memberEpoch());
        assertEquals(List.of(0, 1, 2, 3), assigned(joined));
        assertEquals("Stable", state());
        assertNull(heard(staying("a", 2)).assignment());
    }

    @Test
    void aSecondMemberGetsItsPartOnceTheFirstGaveItUp() {
        heard(joining("a", "t"));
        driver.pass(2_000);
        var b = heard(joining("b", "t"));
        assertEquals(3, b.memberEpoch());
        assertEquals(List.of(), assigned(b));
        assertEquals("Reconciling", state());
        var a = heard(staying("a", 2));
        assertEquals(2, a.memberEpoch());
        var kept = assigned(a);
        assertEquals(2, kept.size());
        assertNull(assigned(heard(staying("b", 3))));
        assertEquals(3, heard(owning("a", 2, kept.toArray(new Integer[0]))).memberEpoch());
        var got = assigned(heard(staying("b", 3)));
        var both = new TreeSet<>(kept);
        both.addAll(got);
        assertEquals(4, both.size());
        assertEquals("Stable", state());
    }

    @Test
    void assignmentsAreNotComputedMoreOftenThanTheInterval() {
        heard(joining("a", "t"));
        driver.pass(500);
        assertEquals(2, heard(joining("b", "t")).memberEpoch());
        assertEquals("Assigning", state());
        driver.pass(500);
        assertEquals(3, heard(staying("b", 2)).memberEpoch());
        assertEquals("Reconciling", state());
    }

    @Test
    void membersAreHeardOfMoreOftenAfterAChange() {
        heard(joining("a", "t"));
        driver.pass(300);
        assertEquals(700, heard(staying("a", 2)).heartbeatIntervalMs());
        // Its part is assigned when the interval is over.
        assertEquals(700, heard(joining("b", "t")).heartbeatIntervalMs());
        driver.pass(700);
        var b = heard(staying("b", 2));
        assertEquals("Reconciling", state());
        assertEquals(100, b.heartbeatIntervalMs());
        driver.pass(100);
        var kept = assigned(heard(staying("a", 2))).toArray(new Integer[0]);
        driver.pass(900);
        // Who waits for others asks less often as time goes by.
        assertEquals(250, heard(staying("b", 3)).heartbeatIntervalMs());
        driver.pass(3_000);
        assertEquals(1_000, heard(staying("b", 3)).heartbeatIntervalMs());
        assertEquals(4_000, heard(owning("a", 2, kept)).heartbeatIntervalMs());
        assertEquals(4_000, heard(staying("b", 3)).heartbeatIntervalMs());
        driver.pass(4_000);
        assertEquals(5_000, heard(staying("a", 3)).heartbeatIntervalMs());
        assertEquals(5_000, heard(staying("b", 3)).heartbeatIntervalMs());
    }

    @Test
    void epochsFence() {
        heard(joining("a", "t"));
        assertEquals(ErrorCode.FENCED_MEMBER_EPOCH, error(staying("a", 3)));
        assertEquals(ErrorCode.FENCED_MEMBER_EPOCH, error(staying("a", 1)));
        assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, error(staying("b", 2)));
        assertEquals(ErrorCode.GROUP_ID_NOT_FOUND, error(staying("a", 2).groupId("none")));
        // The answer that told it epoch 2 may have been lost.
        assertEquals(2, heard(owning("a", 0)).memberEpoch());
    }

    @Test
    void aSilentMemberIsRemoved() {
        heard(joining("a", "t"));
        driver.pass(ShardDriver.SESSION_MS);
        assertEquals("Empty", state());
        assertEquals(3, driver.shard().describeConsumer(GROUP).groupEpoch());
        assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, error(staying("a", 2)));
    }

    @Test
    void aMemberThatDoesNotGiveUpIsRemoved() {
        heard(joining("a", "t").rebalanceTimeoutMs(5_000));
        driver.pass(2_000);
        heard(joining("b", "t"));
        heard(staying("a", 2));
        driver.pass(4_999);
        heard(staying("a", 2));
        heard(staying("b", 3));
        driver.pass(1);
        assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, error(staying("a", 2)));
        assertEquals(List.of(0, 1, 2, 3), assigned(heard(staying("b", 3))));
    }

    @Test
    void staticMembersComeBackToWhatTheyHad() {
        heard(joining("a", "t").instanceId("i"));
        assertEquals(ErrorCode.UNRELEASED_INSTANCE_ID, error(joining("b", "t").instanceId("i")));
        assertEquals(ErrorCode.FENCED_INSTANCE_ID, error(staying("b", 2).instanceId("i")));
        assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, error(staying("b", 2).instanceId("j")));
        assertEquals(-2, heard(staying("a", -2).instanceId("i")).memberEpoch());
        driver.failOver();
        var back = heard(joining("b", "t").instanceId("i"));
        assertEquals(2, back.memberEpoch());
        assertEquals(List.of(0, 1, 2, 3), assigned(back));
        assertEquals(-1, heard(staying("b", -1).instanceId("i")).memberEpoch());
        assertEquals("Empty", state());
    }

    @Test
    void commitsAndFetchesNeedTheRightEpoch() {
        heard(joining("a", "t"));
        driver.pass(2_000);
        heard(joining("b", "t"));
        var kept = assigned(heard(staying("a", 2))).get(0);
        assertEquals(ErrorCode.NONE, commit("a", 2, kept));
        heard(owning("a", 2));
        assertEquals(ErrorCode.NONE, commit("a", 3, kept));
        // It has had the partition since epoch 2.
        assertEquals(ErrorCode.NONE, commit("a", 2, kept));
        assertEquals(ErrorCode.STALE_MEMBER_EPOCH, commit("a", 1, kept));
        assertEquals(ErrorCode.STALE_MEMBER_EPOCH, commit("a", 4, kept));
        assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, commit("c", 3, kept));
        assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, commit("", -1, kept));
    }

    private ErrorCode commit(String memberId, int epoch, int partition) {
        var request = ShardDriver.commitRequest(memberId, epoch, "t", partition, 5);
        request.topics().get(0).topicId(topicId());
        return driver.commit(request, 10).error();
    }

    @Test
    void topicsThatGrowAreAssignedAnew() {
        heard(joining("a", "t"));
        driver.pass(2_000);
        driver.topics = driver.topics.with("t", 6);
        var next = heard(staying("a", 2));
        assertEquals(3, next.memberEpoch());
        assertEquals(6, assigned(next).size());
        driver.pass(2_000);
        driver.topics = driver.topics.without("t");
        assertEquals(List.of(), assigned(heard(staying("a", 3))));
        assertEquals(4, heard(staying("a", 3).topicPartitions(List.of())).memberEpoch());
    }

    @Test
    void regularExpressionsAreResolvedAfterTheHeartbeat() {
        assertEquals(ErrorCode.INVALID_REGULAR_EXPRESSION, error(regex("a", "(")));
        var joined = heard(regex("a", "t.*"));
        assertEquals(1, joined.memberEpoch());
        assertEquals(List.of(), assigned(joined));
        assertEquals(100, joined.heartbeatIntervalMs());
        driver.pass(0);
        var next = heard(staying("a", 1));
        assertEquals(2, next.memberEpoch());
        assertEquals(List.of(0, 1, 2, 3), assigned(next));
        driver.topics = driver.topics.with("t2", 1);
        driver.pass(5_000);
        assertNull(heard(staying("a", 2)).assignment(), "too early");
        driver.pass(5_001);
        heard(staying("a", 2));
        driver.pass(0);
        assertNotNull(heard(staying("a", 2)).assignment());
        heard(staying("a", 3).memberEpoch(-1));
        assertEquals("Empty", state());
    }

    private static ConsumerGroupHeartbeatRequest regex(String memberId, String regex) {
        return joining(memberId).subscribedTopicNames(null).subscribedTopicRegex(regex);
    }

    @Test
    void theLimitOfMembersHolds() {
        var small = new ShardDriver(
                ShardDriver.config(Integer.MAX_VALUE),
                ShardDriver.consumerConfig(1, ConsumerGroupConfig.Migration.BIDIRECTIONAL));
        small.topics = driver.topics;
        assertEquals(ErrorCode.NONE, small.heartbeat(joining("a", "t")).error());
        assertEquals(
                ErrorCode.GROUP_MAX_SIZE_REACHED,
                small.heartbeat(joining("b", "t")).error());
        assertEquals(ErrorCode.NONE, small.heartbeat(joining("a", "t")).error());
    }

    @Test
    void malformedHeartbeatsAreRefused() {
        assertEquals(ErrorCode.INVALID_REQUEST, check(joining("", "t")));
        assertEquals(ErrorCode.INVALID_REQUEST, check(joining("a", "t").groupId("")));
        assertEquals(ErrorCode.INVALID_REQUEST, check(joining("a", "t").rebalanceTimeoutMs(-1)));
        assertEquals(ErrorCode.INVALID_REQUEST, check(joining("a", "t").topicPartitions(null)));
        assertEquals(ErrorCode.INVALID_REQUEST, check(joining("a").subscribedTopicNames(null)));
        assertEquals(ErrorCode.INVALID_REQUEST, check(staying("a", -2)));
        assertEquals(ErrorCode.INVALID_REQUEST, check(staying("a", -3)));
        assertEquals(ErrorCode.UNSUPPORTED_ASSIGNOR, check(joining("a", "t").serverAssignor("sticky")));
        assertEquals(ErrorCode.NONE, check(joining("a", "t").serverAssignor("range")));
    }

    private static ErrorCode check(ConsumerGroupHeartbeatRequest request) {
        var config = ShardDriver.consumerConfig(5, ConsumerGroupConfig.Migration.BIDIRECTIONAL);
        return GroupShard.check(config, new Caller((short) 1, "c", "/h"), request)
                .map(response -> ErrorCode.of(response.errorCode()))
                .orElse(ErrorCode.NONE);
    }

    @Test
    void theLogIsTheState() {
        heard(joining("a", "t").instanceId("i").serverAssignor("range"));
        driver.pass(2_000);
        heard(joining("b", "t"));
        heard(staying("a", 2));
        var rebuilt = driver.rebuilt(driver.log.size());
        assertEquals(driver.shard().describeConsumer(GROUP), rebuilt.describeConsumer(GROUP));
        assertEquals(
                List.of("consumer"),
                rebuilt.list(List.of("reconciling"), List.of("Consumer")).stream()
                        .map(group -> group.groupType())
                        .toList());
        assertEquals("Dead", driver.state());
        driver.log.forEach(record -> rebuilt.evolve(record, RecordBatch.NO_PRODUCER_ID));
    }

    /** The log's refusal would take the whole shard's state with it. */
    @Test
    void whatIsTooLargeForTheLogIsRefusedAndChangesNothing() {
        heard(joining("a", "t"));
        var before = driver.shard().describeConsumer(GROUP);
        int records = driver.log.size();
        var long100 = "x".repeat(100);
        var many = IntStream.range(0, 10_000).mapToObj(i -> long100 + i).toArray(String[]::new);
        assertEquals(ErrorCode.UNKNOWN_SERVER_ERROR, error(joining("b", many)));
        assertEquals(ErrorCode.UNKNOWN_SERVER_ERROR, error(staying("a", 2).subscribedTopicNames(List.of(many))));
        driver.pass(2_000);
        assertEquals(records, driver.log.size());
        assertEquals(before, driver.shard().describeConsumer(GROUP));
        heard(staying("a", 2));
    }

    @Test
    void anEmptyGroupMayBecomeOneOfTheOtherProtocol() {
        driver.stableGroupOfOne();
        assertEquals(ErrorCode.GROUP_ID_NOT_FOUND, error(staying("a", 2)));
        driver.pass(ShardDriver.SESSION_MS + 10);
        assertEquals("Empty", driver.state());
        assertEquals(2, heard(joining("a", "t")).memberEpoch());
        heard(staying("a", -1));
        driver.stableGroupOfOne();
        assertEquals("Stable", driver.state());
        assertEquals("Stable", driver.failOver().state());
    }
}
