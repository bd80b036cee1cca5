package io.barnabas.broker.shard;

import java.util.Map;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.broker.config.ConfigTable;
import io.barnabas.broker.controlplane.NodeConfig;
import io.barnabas.broker.coordinator.group.ConsumerGroupConfig.Pace;
import io.barnabas.broker.coordinator.group.Topics;
import io.barnabas.metadata.image.ConfigsImage;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.TopicImage;

/** What the group coordinator needs of the cluster's metadata, as of the newest image. Read by any thread. */
final class GroupMetadata {
    private static final String FEATURE = "group.version";
    private static final String PROTOCOL = "consumer";

    private final NodeConfig nodeConfig;
    private volatile View view;

    private record View(ImageTopics topics, ConfigsImage configs, Pace pace, boolean servesConsumerGroups) {}

    GroupMetadata(NodeConfig nodeConfig) {
        this.nodeConfig = nodeConfig;
        this.view = view(new ImageTopics(MetadataImage.EMPTY, 0, 0), MetadataImage.EMPTY);
    }

    Topics topics() {
        return view.topics();
    }

    /** Of one group: its own configs, where it has any, else this broker's. */
    Pace pace(String groupId) {
        var now = view;
        var own = now.configs().of(ResourceType.GROUP, groupId);
        if (own.isEmpty()) {
            return now.pace();
        }
        return new Pace(
                number(own, "consumer.session.timeout.ms", now.pace().sessionTimeoutMs()),
                number(own, "consumer.heartbeat.interval.ms", now.pace().heartbeatIntervalMs()),
                number(own, "consumer.assignment.interval.ms", now.pace().assignmentIntervalMs()));
    }

    private static int number(Map<String, String> own, String key, int otherwise) {
        String text = own.get(key);
        try {
            return text == null
                    ? otherwise
                    : (Integer) ConfigTable.GROUP.get(key).parse(text);
        } catch (ConfigException e) {
            // A foreign or older controller let it in.
            return otherwise;
        }
    }

    boolean servesConsumerGroups() {
        return view.servesConsumerGroups();
    }

    /** Called with every image, in order, by one thread. */
    void apply(MetadataImage before, MetadataImage after) {
        var known = view.topics();
        boolean created = false;
        boolean changed = before.cluster() != after.cluster();
        if (before.topics() != after.topics()) {
            changed |= before.topics().size() != after.topics().size();
            for (var topic : after.topics().all()) {
                var former = before.topics().byId(topic.id());
                created |= former == null;
                changed |= former == null || former != topic && isMoved(former, topic);
            }
        }
        view = view(
                new ImageTopics(
                        after,
                        created ? after.index() : known.creationVersion(),
                        changed ? after.index() : known.changeVersion()),
                after);
    }

    private static boolean isMoved(TopicImage before, TopicImage after) {
        if (before.partitionCount() != after.partitionCount()) {
            return true;
        }
        for (var partition : after.partitions()) {
            var former = before.partition(partition.partition());
            if (former != partition && !former.replicas().equals(partition.replicas())) {
                return true;
            }
        }
        return false;
    }

    private View view(ImageTopics topics, MetadataImage image) {
        var config = nodeConfig.at(image);
        return new View(topics, image.configs(), pace(config), serves(config, image));
    }

    private static Pace pace(BrokerConfig config) {
        return new Pace(
                config.intValue("group.consumer.session.timeout.ms"),
                config.intValue("group.consumer.heartbeat.interval.ms"),
                config.intValue("group.consumer.assignment.interval.ms"));
    }

    private static boolean serves(BrokerConfig config, MetadataImage image) {
        return config.list("group.coordinator.rebalance.protocols").contains(PROTOCOL)
                && image.features().level(FEATURE) > 0;
    }
}
