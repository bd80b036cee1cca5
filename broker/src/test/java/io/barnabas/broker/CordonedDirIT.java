package io.barnabas.broker;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.barnabas.broker.testing.CapturedLog;
import io.barnabas.broker.testing.TestBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

/** Whoever cordons log directories finds it in effect when the answer comes; what it is in effect is compared with Kafka elsewhere. */
@Timeout(120)
class CordonedDirIT {
    private static final int ROUNDS = 50;

    @TempDir
    Path home;

    @Test
    void aChangeIsInEffectWhenItIsAnswered() throws Exception {
        var first = home.resolve("first");
        var second = home.resolve("second");
        try (var log = CapturedLog.of("io.barnabas.broker.controlplane");
                var broker = TestBroker.start(first, Map.of("log.dirs", first + "," + second));
                var admin = Admin.create(broker.clientSettings())) {
            for (int i = 0; i < ROUNDS; i++) {
                cordon(admin, "*");
                assertEquals(Set.of(first.toString(), second.toString()), cordoned(admin));
                assertInstanceOf(InvalidReplicationFactorException.class, refusal(admin, "no", true));
                cordon(admin, first.toString());
                assertEquals(null, refusal(admin, "t" + i, false));
                assertEquals(Set.of(second.toString()), dirsOf(admin, "t" + i));
            }
            assertEquals(
                    ROUNDS,
                    log.lines(second + " is cordoned: it takes no new replicas").size());
            assertEquals(ROUNDS, log.lines(second + " takes new replicas again").size());
            assertEquals(1, log.lines(first + " is cordoned").size());
        }
    }

    private static void cordon(Admin admin, String dirs) throws Exception {
        var change = new AlterConfigOp(new ConfigEntry("cordoned.log.dirs", dirs), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.BROKER, "1"), List.of(change)))
                .all()
                .get(20, TimeUnit.SECONDS);
    }

    private static Set<String> cordoned(Admin admin) throws Exception {
        return admin.describeLogDirs(List.of(1)).allDescriptions().get(20, TimeUnit.SECONDS).get(1).entrySet().stream()
                .filter(dir -> dir.getValue().isCordoned())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static Set<String> dirsOf(Admin admin, String topic) throws Exception {
        return admin.describeLogDirs(List.of(1)).allDescriptions().get(20, TimeUnit.SECONDS).get(1).entrySet().stream()
                .filter(dir -> dir.getValue().replicaInfos().keySet().stream()
                        .anyMatch(partition -> partition.topic().equals(topic)))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Null if a topic of two partitions was created. */
    private static Throwable refusal(Admin admin, String topic, boolean validateOnly) throws Exception {
        try {
            admin.createTopics(
                            List.of(new NewTopic(topic, 2, (short) 1)),
                            new CreateTopicsOptions().validateOnly(validateOnly))
                    .all()
                    .get(20, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }
}
