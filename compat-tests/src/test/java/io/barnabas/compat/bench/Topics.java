package io.barnabas.compat.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

final class Topics {
    private Topics() {}

    static Admin admin(Contender contender) {
        return Admin.create(Map.of("bootstrap.servers", contender.bootstrapServers()));
    }

    static void create(Contender contender, String name, int partitions) throws Exception {
        create(contender, name, partitions, Map.of());
    }

    static void create(Contender contender, String name, int partitions, Map<String, String> configs) throws Exception {
        try (var admin = admin(contender)) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(configs)))
                    .all()
                    .get();
            awaitLeaders(contender, name, partitions);
        }
    }

    /** Until every group's requests are answered: the topic that holds the groups may have to be made. */
    static void awaitCoordinators(Contender contender) throws Exception {
        try (var admin = admin(contender)) {
            admin.listConsumerGroupOffsets("coordinators")
                    .partitionsToOffsetAndMetadata()
                    .get();
            // Asks them all.
            admin.listGroups().all().get();
        }
    }

    /** Writes nothing: reads the ends of all partitions until they can be read. */
    private static void awaitLeaders(Contender contender, String name, int partitions) {
        try (var consumer = Clients.consumer(contender)) {
            consumer.endOffsets(Clients.partitions(name, partitions), Duration.ofSeconds(60));
        }
    }
}
