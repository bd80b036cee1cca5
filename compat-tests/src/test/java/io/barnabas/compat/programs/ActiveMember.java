package io.barnabas.compat.programs;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The Java consumer as member of a group: it reads twenty records, commits, and polls until it is closed. */
final class ActiveMember implements AutoCloseable {
    private final KafkaConsumer<String, String> consumer;
    private final AtomicBoolean assigned = new AtomicBoolean();
    private final Thread thread;

    ActiveMember(Session session, String group, String topic) {
        this(session, group, topic, "classic");
    }

    ActiveMember(Session session, String group, String topic, String protocol) {
        this(session, group, topic, Map.of("group.protocol", protocol));
    }

    ActiveMember(Session session, String group, String topic, Map<String, String> configs) {
        var all = new HashMap<String, Object>(Map.of(
                "bootstrap.servers",
                session.bootstrapServers(),
                "group.id",
                group,
                "client.id",
                "active-member",
                "auto.offset.reset",
                "earliest"));
        all.putAll(configs);
        consumer = new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
        consumer.subscribe(List.of(topic));
        thread = new Thread(
                () -> {
                    try (consumer) {
                        int read = 0;
                        while (true) {
                            read += consumer.poll(Duration.ofMillis(100)).count();
                            if (read == 20 && !assigned.get()) {
                                consumer.commitSync();
                                assigned.set(true);
                            }
                        }
                    } catch (WakeupException ended) {
                        // What close() asks for.
                    }
                },
                "active-member");
        thread.start();
    }

    void awaitAssignment() throws InterruptedException {
        Waiting.until("the member has read everything", Duration.ofSeconds(60), () -> {
            assertTrue(thread.isAlive(), "the member failed");
            return assigned.get();
        });
    }

    @Override
    public void close() throws InterruptedException {
        consumer.wakeup();
        thread.join(TimeUnit.SECONDS.toMillis(30));
        assertFalse(thread.isAlive(), "the member did not leave");
    }
}
