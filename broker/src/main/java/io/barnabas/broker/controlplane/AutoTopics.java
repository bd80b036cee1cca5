package io.barnabas.broker.controlplane;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.metadata.image.MetadataImage;
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
    private static final long SAID_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST_REFUSALS = 1_000;
    private static final String OFFSETS_TOPIC = "__consumer_offsets";
    /** Leaves it to the controller's defaults. */
    private static final int UNSET = -1;

    private final ControllerLink controller;
    private final BrokerConfig config;
    private final Set<String> inProgress = ConcurrentHashMap.newKeySet();
    private final Map<String, Refusal> refusals = new ConcurrentHashMap<>();

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
                refused(topic.name(), failure.toString());
                return;
            }
            for (var result : response.topics()) {
                var error = ErrorCode.of(result.errorCode());
                if (error != ErrorCode.NONE && error != ErrorCode.TOPIC_ALREADY_EXISTS) {
                    refused(topic.name(), error + " " + result.errorMessage());
                }
            }
        });
    }

    /** Clients ask again each second or so: the same answer is worth a line once a minute. */
    private void refused(String topic, String why) {
        long now = System.nanoTime();
        var last = refusals.get(topic);
        if (last != null && last.why.equals(why) && now - last.saidNanos < SAID_AGAIN_NANOS) {
            return;
        }
        if (refusals.size() >= MOST_REFUSALS) {
            refusals.clear();
        }
        refusals.put(topic, new Refusal(why, now));
        LOG.warn("Topic {} was not created: {}", topic, why);
    }

    /**
     * What of the configuration will keep topics from being created as things are: sentences for the log at the start.
     *
     * @param image with this broker unfenced in it
     */
    public static List<String> warnings(BrokerConfig config, MetadataImage image) {
        var warnings = new ArrayList<String>();
        int brokers = image.cluster().brokers().size();
        if (image.topics().byName(OFFSETS_TOPIC) == null) {
            warnIfMoreThan(
                    config,
                    brokers,
                    "offsets.topic.replication.factor",
                    OFFSETS_TOPIC + " cannot be created, and consumer groups get COORDINATOR_NOT_AVAILABLE",
                    warnings);
        }
        if (config.autoCreateTopics()) {
            warnIfMoreThan(
                    config,
                    brokers,
                    "default.replication.factor",
                    "no topic can be created by clients that name it",
                    warnings);
        }
        return warnings;
    }

    private static void warnIfMoreThan(
            BrokerConfig config, int brokers, String key, String consequence, List<String> warnings) {
        int replicas = config.intValue(key);
        if (replicas > brokers) {
            warnings.add(key + " is " + replicas + (config.isSet(key) ? "" : " (by default)") + ", but the cluster has "
                    + (brokers == 1 ? "one broker" : brokers + " brokers") + " so far: until it has " + replicas + ", "
                    + consequence + ". Set " + key + "=" + brokers + " if it is to have no more.");
        }
    }

    private record Refusal(String why, long saidNanos) {}
}
