package io.barnabas.broker.controlplane;

import java.util.Map;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.partition.Leadership;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;

/**
 * Makes the replicas on this broker what the metadata says they are: orders what changed between two images. Called on the
 * thread that applies metadata, one image after the other.
 */
public final class PartitionReconciler {
    private final int brokerId;
    private final Partitions partitions;
    private final NodeConfig config;
    private BrokerConfig current;
    private TopicSettings defaults;

    /** @param config the broker's defaults of topic configs, as they change */
    public PartitionReconciler(int brokerId, Partitions partitions, NodeConfig config) {
        this.brokerId = brokerId;
        this.partitions = partitions;
        this.config = config;
        follow(config.at(MetadataImage.EMPTY));
    }

    private void follow(BrokerConfig next) {
        current = next;
        defaults = TopicSettings.of(next, Map.of());
    }

    /** Orders the steps from one image to the next. */
    public void apply(MetadataImage before, MetadataImage after) {
        boolean configsChanged = before.configs() != after.configs();
        if (before.topics() == after.topics() && !configsChanged) {
            return;
        }
        var next = config.at(after);
        boolean defaultsChanged = next != current;
        if (defaultsChanged) {
            follow(next);
        }
        if (before.topics() != after.topics()) {
            for (TopicImage topic : before.topics().all()) {
                if (after.topics().byId(topic.id()) == null) {
                    remove(topic);
                }
            }
        }
        for (TopicImage topic : after.topics().all()) {
            var known = before.topics().byId(topic.id());
            if (known != topic) {
                follow(known, topic, after);
            }
            if (known != null && (defaultsChanged || configsChanged && hasOtherConfigs(topic, before, after))) {
                reconfigure(topic, after);
            }
        }
    }

    private void remove(TopicImage topic) {
        for (PartitionImage partition : topic.partitions()) {
            if (isHere(partition)) {
                partitions.delete(new TopicPartition(topic.name(), partition.partition()));
            }
        }
    }

    private void follow(TopicImage known, TopicImage topic, MetadataImage image) {
        var settings = settings(image, topic.name());
        for (PartitionImage partition : topic.partitions()) {
            var before = known == null ? null : known.partition(partition.partition());
            if (before == partition) {
                continue;
            }
            if (isHere(partition)) {
                partitions.keep(
                        new TopicIdPartition(topic.id(), topic.name(), partition.partition()),
                        leadership(partition),
                        settings.log(),
                        minInsyncReplicas(settings, partition));
            } else if (before != null && isHere(before)) {
                partitions.delete(new TopicPartition(topic.name(), partition.partition()));
            }
        }
    }

    private static boolean hasOtherConfigs(TopicImage topic, MetadataImage before, MetadataImage after) {
        var was = before.configs().of(ResourceType.TOPIC, topic.name());
        var is = after.configs().of(ResourceType.TOPIC, topic.name());
        return !was.equals(is);
    }

    private void reconfigure(TopicImage topic, MetadataImage after) {
        var settings = settings(after, topic.name());
        for (PartitionImage partition : topic.partitions()) {
            if (isHere(partition)) {
                partitions.reconfigure(
                        new TopicPartition(topic.name(), partition.partition()),
                        settings.log(),
                        minInsyncReplicas(settings, partition));
            }
        }
    }

    private boolean isHere(PartitionImage partition) {
        return partition.replicas().contains(brokerId);
    }

    /** More than there are replicas is never asked for. */
    private static int minInsyncReplicas(TopicSettings settings, PartitionImage partition) {
        return Math.min(settings.minInsyncReplicas(), partition.replicas().size());
    }

    private Leadership leadership(PartitionImage partition) {
        return new Leadership(
                partition.leader(),
                partition.leaderEpoch(),
                partition.leader() == brokerId,
                partition.isr().size());
    }

    private TopicSettings settings(MetadataImage image, String topic) {
        var own = image.configs().of(ResourceType.TOPIC, topic);
        return own.isEmpty() ? defaults : TopicSettings.of(current, own);
    }
}
