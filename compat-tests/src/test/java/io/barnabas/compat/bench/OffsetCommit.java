package io.barnabas.compat.bench;

import java.util.List;
import java.util.stream.IntStream;

import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;

/** Ready-made OffsetCommit requests of ten partitions over and over, by two groups that assign their partitions themselves. */
final class OffsetCommit implements Load {
    static final short API_KEY = 8;
    static final short VERSION = 9;
    private static final int CONNECTIONS = 2;
    private static final int UNDER_WAY = 5;
    private static final int PARTITIONS = 10;

    private final int requests;

    OffsetCommit(int requests) {
        this.requests = requests;
    }

    @Override
    public String name() {
        return "offset-commit-" + PARTITIONS;
    }

    @Override
    public void prepare(Contender contender) throws Exception {
        Topics.create(contender, name(), PARTITIONS);
        Topics.awaitCoordinators(contender);
    }

    @Override
    public Work run(Contender contender) throws Exception {
        double seconds = RawConnection.inParallel(CONNECTIONS, index -> {
            var frame = RawConnection.frame(
                    request(
                            group(index),
                            "",
                            -1,
                            name(),
                            IntStream.range(0, PARTITIONS).toArray()),
                    VERSION);
            try (var connection = new RawConnection(contender.port())) {
                connection.exchange(
                        List.of(frame),
                        requests / CONNECTIONS,
                        UNDER_WAY,
                        answer -> check(RawConnection.decode(answer, API_KEY, VERSION)));
            }
        });
        return new Work(requests, Unit.REQUEST, seconds);
    }

    private String group(int index) {
        return name() + "-" + index;
    }

    static OffsetCommitRequestData request(
            String group, String memberId, int generation, String topic, int... partitions) {
        var committed = new OffsetCommitRequestTopic().setName(topic);
        for (int partition : partitions) {
            committed
                    .partitions()
                    .add(new OffsetCommitRequestPartition()
                            .setPartitionIndex(partition)
                            .setCommittedOffset(1_000_000)
                            .setCommittedMetadata(""));
        }
        return new OffsetCommitRequestData()
                .setGroupId(group)
                .setMemberId(memberId)
                .setGenerationIdOrMemberEpoch(generation)
                .setTopics(List.of(committed));
    }

    static void check(OffsetCommitResponseData answer) {
        for (var topic : answer.topics()) {
            for (var partition : topic.partitions()) {
                RawGroup.check(partition.errorCode());
            }
        }
    }
}
