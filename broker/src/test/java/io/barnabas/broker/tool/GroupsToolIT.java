package io.barnabas.broker.tool;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import io.barnabas.broker.testing.CapturedLog;
import io.barnabas.broker.testing.RawClient;
import io.barnabas.broker.testing.TestBroker;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** bin/barnabas groups, against a broker. */
class GroupsToolIT {
    private static final String GROUP = "a b/c+d\u001b[2J\u009b\u202e";

    @TempDir
    Path logDir;

    private record Answer(int code, String out, String err) {}

    private static Answer run(String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code = GroupsTool.run(List.of(args), new PrintStream(out, true), new PrintStream(err, true));
        return new Answer(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void groupsAndTheirRebalancesArePrinted() throws Exception {
        try (var log = CapturedLog.of("io.barnabas");
                var broker = TestBroker.start(logDir, Map.of("admin.listeners", "127.0.0.1:0"));
                var client = new RawClient(broker.port());
                var admin = Admin.create(broker.clientSettings())) {
            String url = adminUrl(log);
            assertEquals(
                    new Answer(0, "GROUP  PROTOCOL  STATE  REBALANCES  LAST-BEGAN  DURATION-MS  LAST-CAUSE\n", ""),
                    run("--admin", url));
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get(20, TimeUnit.SECONDS);
            // Makes the internal topic.
            admin.alterConsumerGroupOffsets("simple", Map.of()).all().get(20, TimeUnit.SECONDS);
            var joined = client.call(
                    new ConsumerGroupHeartbeatRequest()
                            .groupId(GROUP)
                            .memberId(Uuid.random().toString())
                            .rebalanceTimeoutMs(60_000)
                            .subscribedTopicNames(List.of("t"))
                            .topicPartitions(List.of()),
                    1,
                    ConsumerGroupHeartbeatResponse.class);
            assertEquals(0, joined.errorCode(), joined::toString);

            var all = run("--admin", url.substring("http://".length()));
            assertEquals(0, all.code(), all::toString);
            assertTrue(
                    all.out().contains("a b/c+d?[2J??  consumer  Stable")
                            && all.out().contains("member joined"),
                    all::toString);
            assertEquals(2, all.out().lines().count(), all::toString);
            admin.alterConsumerGroupOffsets("z", Map.of(new TopicPartition("t", 0), new OffsetAndMetadata(0)))
                    .all()
                    .get(20, TimeUnit.SECONDS);
            var first = run("--admin", url, "--limit", "1");
            assertEquals(0, first.code(), first::toString);
            assertEquals(
                    "1 more left off; 1 are shown, limit=N shows up to 10000",
                    first.out().lines().skip(2).findFirst().orElse(""),
                    first::toString);
            assertEquals(3, run("--admin", url, "--limit", "2").out().lines().count());
            for (String limit : List.of("0", "10001", "-1", "many", "", "1&limit=2")) {
                var wrong = run("--admin", url, "--limit", limit);
                assertTrue(wrong.code() == 1 && wrong.err().contains("from 1 to 10000"), wrong::toString);
            }
            var both = run("--admin", url, "--limit", "1", "--group", GROUP);
            assertTrue(both.code() == 1 && both.err().contains("--limit is for the list"), both::toString);
            var one = run("--admin", url + "/", "--group", GROUP);
            assertEquals(0, one.code(), one::toString);
            assertTrue(one.out().startsWith("BEGAN") && one.out().contains("  0->1  "), one::toString);
            assertEquals(2, one.out().lines().count(), one::toString);

            var nobody = run("--admin", url, "--group", "nobody");
            assertEquals(
                    new Answer(1, "", "No rebalance of group nobody is known here since the broker started.\n"),
                    nobody);
        }
    }

    private static String adminUrl(CapturedLog log) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (log.lines("/readyz are at").isEmpty()) {
            assertTrue(System.nanoTime() < deadline, "no admin endpoint");
            Thread.sleep(20);
        }
        var found = Pattern.compile("are at (http://\\S+)")
                .matcher(log.lines("/readyz are at").get(0));
        assertTrue(found.find());
        return found.group(1);
    }

    @Test
    void whatCannotBeAskedIsSaid() throws Exception {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        var nobody = run("--admin", "http://127.0.0.1:" + port);
        assertEquals(1, nobody.code());
        assertTrue(nobody.err().contains("admin.listeners"), nobody::toString);
        assertEquals(1, run("--admin", "no url").code());
        assertEquals(1, run("--admin", "ftp://127.0.0.1:1").code());
        var wrong = run("--grup", "g");
        assertTrue(wrong.code() == 1 && wrong.err().contains("usage: barnabas groups"), wrong::toString);
        assertTrue(run("--help").out().contains("--admin"));
    }
}
