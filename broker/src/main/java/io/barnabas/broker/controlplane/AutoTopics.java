package io.barnabas.broker.controlplane;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsRequest.CreatableTopic;
import io.barnabas.protocol.message.CreateTopicsRequest.CreatableTopicConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates topics on behalf of clients and of this broker's coordinators, each once at a time. Any thread. */
public final class AutoTopics {
    private static final Logger LOG = LoggerFactory.getLogger(AutoTopics.class);
    private static final int TIMEOUT_MS = 30_000;
    private static final String OFFSETS_TOPIC = "__consumer_offsets";
    /** Leaves it to the controller's defaults. */
    private static final int UNSET = -1;

    private final ControllerLink controller;
    private final BrokerConfig config;
    private final Set<String> inProgress = ConcurrentHashMap.newKeySet();

    public AutoTopics(ControllerLink controller, BrokerConfig config) {
        this.controller = controller;
        this.config = config;
    }

    /** Begins to create a topic that a client named ({@code auto.create.topics.enable}); never blocks, never fails. */
    public void createForClient(String topic) {
        if (!config.autoCreateTopics()) {
            return;
        }
        if (topic.equals(OFFSETS_TOPIC)) {
            createOffsetsTopic();
        } else {
            create(new CreatableTopic().name(topic).numPartitions(UNSET).replicationFactor((short) UNSET));
        }
    }

    /** Begins to create {@code __consumer_offsets}, whether or not clients may create topics. */
    public void createOffsetsTopic() {
        var topic = new CreatableTopic()
                .name(OFFSETS_TOPIC)
                .numPartitions(config.intValue("offsets.topic.num.partitions"))
                .replicationFactor((short) config.intValue("offsets.topic.replication.factor"));
        set(topic, "cleanup.policy", "compact");
        set(topic, "compression.type", "producer");
        set(topic, "segment.bytes", Integer.toString(config.intValue("offsets.topic.segment.bytes")));
        create(topic);
    }

    private static void set(CreatableTopic topic, String name, String value) {
        topic.configs().add(new CreatableTopicConfig().name(name).value(value));
    }

    /** Begins to create a topic of this shape, unless that is under way; never blocks, never fails. */
    public void create(CreatableTopic topic) {
        if (!inProgress.add(topic.name())) {
            return;
        }
        var request = new CreateTopicsRequest().timeoutMs(TIMEOUT_MS);
        request.topics().add(topic);
        controller.createTopics(request).whenComplete((response, failure) -> {
            inProgress.remove(topic.name());
            if (failure != null) {
                LOG.warn("Topic {} was not created: {}", topic.name(), failure.toString());
                return;
            }
            for (var result : response.topics()) {
                var error = ErrorCode.of(result.errorCode());
                if (error != ErrorCode.NONE && error != ErrorCode.TOPIC_ALREADY_EXISTS) {
                    LOG.warn("Topic {} was not created: {} {}", topic.name(), error, result.errorMessage());
                }
            }
        });
    }
}
