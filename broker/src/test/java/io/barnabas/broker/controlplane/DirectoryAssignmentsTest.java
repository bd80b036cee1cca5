package io.barnabas.broker.controlplane;

import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

import io.barnabas.broker.time.Timer;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AssignReplicasToDirsRequest;
import io.barnabas.protocol.message.AssignReplicasToDirsResponse;
import io.barnabas.protocol.metadata.PartitionRecord;
import io.barnabas.protocol.metadata.RemoveTopicRecord;
import io.barnabas.protocol.metadata.TopicRecord;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the controller is told of directories, when it fails to listen. */
class DirectoryAssignmentsTest {
    private static final Uuid TOPIC = new Uuid(5, 6);
    private static final Uuid A = new Uuid(1, 501);
    private static final Uuid B = new Uuid(1, 502);

    private record Asked(AssignReplicasToDirsRequest request, CompletableFuture<AssignReplicasToDirsResponse> answer) {}

    private final ArrayDeque<Asked> asked = new ArrayDeque<>();
    private final List<Long> delays = new ArrayList<>();
    private final ArrayDeque<Runnable> alarms = new ArrayDeque<>();
    private final ArrayDeque<Runnable> handedOver = new ArrayDeque<>();
    private MetadataImage image = topic(3);
    private long brokerEpoch = 9;
    private final Timer timer = (delayMs, task) -> {
        delays.add(delayMs);
        alarms.add(task);
        return () -> alarms.remove(task);
    };
    private final DirectoryAssignments assignments =
            new DirectoryAssignments(1, () -> brokerEpoch, controller(), timer, handedOver::add);

    private static MetadataImage topic(int partitions) {
        var image = MetadataImage.EMPTY.apply(new TopicRecord().name("t").topicId(TOPIC));
        for (int i = 0; i < partitions; i++) {
            image = image.apply(new PartitionRecord()
                    .topicId(TOPIC)
                    .partitionId(i)
                    .replicas(List.of(i == 2 ? 2 : 1))
                    .isr(List.of(i == 2 ? 2 : 1))
                    .leader(i == 2 ? 2 : 1));
        }
        return image;
    }

    private ControllerLink controller() {
        return (ControllerLink) Proxy.newProxyInstance(
                ControllerLink.class.getClassLoader(), new Class<?>[] {ControllerLink.class}, (proxy, method, args) -> {
                    if (method.getName().equals("image")) {
                        return image;
                    }
                    var answer = new CompletableFuture<AssignReplicasToDirsResponse>();
                    asked.add(new Asked((AssignReplicasToDirsRequest) args[0], answer));
                    return answer;
                });
    }

    private void located(int partition, Uuid directory) {
        assignments.located(new TopicIdPartition(TOPIC, "t", partition), directory);
    }

    /** The one request that is asked: by partition, its directory. */
    private static Map<Integer, Uuid> told(AssignReplicasToDirsRequest request) {
        var told = new TreeMap<Integer, Uuid>();
        request.directories().forEach(directory -> directory.topics().forEach(topic -> topic.partitions()
                .forEach(partition -> told.put(partition.partitionIndex(), directory.id()))));
        return told;
    }

    private static AssignReplicasToDirsResponse response(
            AssignReplicasToDirsRequest request, Map<Integer, ErrorCode> errors) {
        var response = new AssignReplicasToDirsResponse();
        for (var directory : request.directories()) {
            var answered = new AssignReplicasToDirsResponse.DirectoryData().id(directory.id());
            response.directories().add(answered);
            for (var topic : directory.topics()) {
                var topicAnswer = new AssignReplicasToDirsResponse.TopicData().topicId(topic.topicId());
                answered.topics().add(topicAnswer);
                for (var partition : topic.partitions()) {
                    topicAnswer
                            .partitions()
                            .add(new AssignReplicasToDirsResponse.PartitionData()
                                    .partitionIndex(partition.partitionIndex())
                                    .errorCode(errors.getOrDefault(partition.partitionIndex(), ErrorCode.NONE)
                                            .code()));
                }
            }
        }
        return response;
    }

    /** Answers the one request that is asked and gives what it told. */
    private Map<Integer, Uuid> answer(Map<Integer, ErrorCode> errors) {
        assertEquals(1, asked.size());
        var now = asked.poll();
        now.answer().complete(response(now.request(), errors));
        return told(now.request());
    }

    private void isQuiet() {
        assertTrue(asked.isEmpty());
        assertTrue(alarms.isEmpty());
    }

    private void later() {
        assertEquals(1, alarms.size());
        assertTrue(asked.isEmpty());
        alarms.poll().run();
        assertTrue(asked.isEmpty(), "the timer's thread asks nobody");
        assertEquals(1, handedOver.size());
        handedOver.poll().run();
    }

    @Test
    void whatIsTakenIsToldOnce() {
        located(0, A);
        assertEquals(Map.of(0, A), answer(Map.of()));
        isQuiet();
    }

    @Test
    void aRequestThatFailsIsRepeatedLaterAndLater() {
        located(0, A);
        for (int i = 0; i < 10; i++) {
            var now = asked.poll();
            assertEquals(brokerEpoch, now.request().brokerEpoch());
            if (i % 2 == 0) {
                now.answer().completeExceptionally(new IllegalStateException("no quorum"));
            } else {
                now.answer()
                        .complete(new AssignReplicasToDirsResponse().errorCode(ErrorCode.STALE_BROKER_EPOCH.code()));
            }
            brokerEpoch++;
            later();
        }
        assertEquals(List.of(100L, 200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 10_000L, 10_000L, 10_000L), delays);
        assertEquals(Map.of(0, A), answer(Map.of()));
        isQuiet();
        // The next failure is not made to pay for those.
        located(1, A);
        asked.poll().answer().completeExceptionally(new IllegalStateException("no quorum"));
        assertEquals(100, delays.get(delays.size() - 1));
    }

    @Test
    void onlyPartitionsWithErrorsAreToldAgain() {
        located(0, A);
        located(1, B);
        assertEquals(Map.of(0, A), answer(Map.of(0, ErrorCode.UNKNOWN_TOPIC_ID)));
        // The second, located meanwhile, goes along.
        later();
        assertEquals(Map.of(0, A, 1, B), answer(Map.of(0, ErrorCode.NOT_LEADER_OR_FOLLOWER)));
        later();
        assertEquals(Map.of(0, A), answer(Map.of()));
        isQuiet();
    }

    @Test
    void aPartitionThatIsNotAnsweredForIsToldAgain() {
        located(0, A);
        asked.poll().answer().complete(new AssignReplicasToDirsResponse());
        later();
        assertEquals(Map.of(0, A), answer(Map.of()));
        isQuiet();
    }

    @Test
    void whatWillNeverBeTakenIsNotToldAgain() {
        located(0, A);
        located(1, A);
        answer(Map.of(0, ErrorCode.INVALID_REQUEST));
        assertEquals(Map.of(1, A), answer(Map.of()));
        isQuiet();
    }

    @Test
    void ofAReplicaThatHasMovedOnTheLastPlaceCounts() {
        located(0, A);
        located(0, B);
        assertEquals(1, asked.size(), "one request at a time");
        assertEquals(Map.of(0, A), answer(Map.of()));
        assertEquals(Map.of(0, B), answer(Map.of(0, ErrorCode.UNKNOWN_SERVER_ERROR)));
        located(0, A);
        assertEquals(Map.of(0, A), answer(Map.of()));
        // The alarm that was set finds nothing left to tell.
        later();
        isQuiet();
    }

    @Test
    void requestsThatFailSetOneAlarm() {
        located(0, A);
        asked.poll().answer().completeExceptionally(new IllegalStateException("no quorum"));
        located(1, A);
        asked.poll().answer().completeExceptionally(new IllegalStateException("no quorum"));
        later();
        assertEquals(Map.of(0, A, 1, A), answer(Map.of()));
        isQuiet();
    }

    private void locateMany() {
        for (int i = 3; i < 2_503; i++) {
            image = image.apply(new PartitionRecord()
                    .topicId(TOPIC)
                    .partitionId(i)
                    .replicas(List.of(1))
                    .isr(List.of(1))
                    .leader(1));
        }
        for (int i = 3; i < 2_503; i++) {
            located(i, A);
        }
    }

    @Test
    void whatIsNotTakenKeepsTheRestFromNothing() {
        locateMany();
        answer(Map.of());
        var errors = new TreeMap<Integer, ErrorCode>();
        told(asked.peek().request()).keySet().forEach(each -> errors.put(each, ErrorCode.UNKNOWN_TOPIC_ID));
        var first = answer(errors);
        assertEquals(1_000, first.size());
        later();
        var second = answer(Map.of());
        second.keySet().retainAll(first.keySet());
        assertEquals(Map.of(), second);
    }

    @Test
    void tooManyForOneRequestAreToldOneAfterTheOther() {
        locateMany();
        var told = new TreeMap<Integer, Uuid>();
        assertEquals(1, told(asked.peek().request()).size());
        told.putAll(answer(Map.of()));
        var first = answer(Map.of());
        assertEquals(1_000, first.size());
        told.putAll(first);
        // The rest is not told faster than what was not taken.
        asked.poll().answer().completeExceptionally(new IllegalStateException("no quorum"));
        later();
        var second = answer(Map.of());
        assertEquals(1_000, second.size());
        told.putAll(second);
        told.putAll(answer(Map.of()));
        assertEquals(2_500, told.size());
        isQuiet();
    }

    @Test
    void ofReplicasThatAreNotHereAnyMoreNothingIsTold() {
        located(2, A);
        isQuiet();
        located(0, A);
        answer(Map.of(0, ErrorCode.UNKNOWN_TOPIC_ID));
        image = image.apply(new RemoveTopicRecord().topicId(TOPIC));
        later();
        isQuiet();
    }
}
