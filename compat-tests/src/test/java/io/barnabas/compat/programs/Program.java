package io.barnabas.compat.programs;

/** A command line program that Apache Kafka ships, by the name of its script. */
public enum Program {
    TOPICS("kafka-topics", "org.apache.kafka.tools.TopicCommand"),
    CONSOLE_PRODUCER("kafka-console-producer", "org.apache.kafka.tools.ConsoleProducer"),
    CONSOLE_CONSUMER("kafka-console-consumer", "org.apache.kafka.tools.consumer.ConsoleConsumer"),
    CONSUMER_GROUPS("kafka-consumer-groups", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"),
    CONFIGS("kafka-configs", "kafka.admin.ConfigCommand"),
    GROUPS("kafka-groups", "org.apache.kafka.tools.GroupsCommand"),
    CLIENT_METRICS("kafka-client-metrics", "org.apache.kafka.tools.ClientMetricsCommand"),
    GET_OFFSETS("kafka-get-offsets", "org.apache.kafka.tools.GetOffsetShell"),
    LOG_DIRS("kafka-log-dirs", "org.apache.kafka.tools.LogDirsCommand"),
    REASSIGN_PARTITIONS("kafka-reassign-partitions", "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"),
    DELETE_RECORDS("kafka-delete-records", "org.apache.kafka.tools.DeleteRecordsCommand"),
    PRODUCER_PERF_TEST("kafka-producer-perf-test", "org.apache.kafka.tools.ProducerPerformance"),
    CONSUMER_PERF_TEST("kafka-consumer-perf-test", "org.apache.kafka.tools.ConsumerPerformance"),
    BROKER_API_VERSIONS("kafka-broker-api-versions", "org.apache.kafka.tools.BrokerApiVersionsCommand"),
    DUMP_LOG("kafka-dump-log", "org.apache.kafka.tools.DumpLogSegments");

    private final String script;
    private final String mainClass;

    Program(String script, String mainClass) {
        this.script = script;
        this.mainClass = mainClass;
    }

    String script() {
        return script;
    }

    String mainClass() {
        return mainClass;
    }
}
