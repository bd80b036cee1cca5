package io.barnabas.metadata.controller;

import java.util.List;
import java.util.function.IntPredicate;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.wire.ApiMessage;

/** The partitions that change when a broker comes or goes. Each call looks at all partitions once. */
final class PartitionMoves {
    private static final int NOBODY = -1;

    private final EffectiveConfigs configs;

    PartitionMoves(EffectiveConfigs configs) {
        this.configs = configs;
    }

    /** A broker stops leading: fenced, or on its way out. */
    void left(MetadataImage image, int broker, List<ApiMessage> records) {
        remove(image, broker, NOBODY, false, records);
    }

    /** A broker is not coming back, so it is no eligible leader either. */
    void gone(MetadataImage image, int broker, List<ApiMessage> records) {
        remove(image, broker, NOBODY, true, records);
    }

    /** A broker died and may have lost what it had not flushed. */
    void crashed(MetadataImage image, int broker, List<ApiMessage> records) {
        remove(image, NOBODY, broker, true, records);
    }

    private void remove(MetadataImage image, int broker, int unclean, boolean alsoEligible, List<ApiMessage> records) {
        int leaving = Math.max(broker, unclean);
        IntPredicate mayLead = id -> id != leaving && image.cluster().isActive(id);
        var elections = new Elections(image, configs, mayLead, unclean);
        for (TopicImage topic : image.topics().all()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.isr().contains(leaving)
                        || alsoEligible && partition.elr().contains(leaving)) {
                    add(elections, topic, partition, Elections.without(partition.isr(), leaving), records);
                }
            }
        }
    }

    /** A broker may lead again: partitions without a leader get one where they can. */
    void returned(MetadataImage image, int broker, List<ApiMessage> records) {
        IntPredicate mayLead = id -> id == broker || image.cluster().isActive(id);
        var elections = new Elections(image, configs, mayLead, NOBODY);
        for (TopicImage topic : image.topics().all()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.leader() == PartitionImage.NO_LEADER) {
                    add(elections, topic, partition, partition.isr(), records);
                }
            }
        }
    }

    /** Directories of a broker fail. */
    void directoriesLost(MetadataImage image, int broker, List<Uuid> lost, List<ApiMessage> records) {
        IntPredicate mayLead = id -> id != broker && image.cluster().isActive(id);
        var elections = new Elections(image, configs, mayLead, NOBODY);
        for (TopicImage topic : image.topics().all()) {
            for (PartitionImage partition : topic.partitions()) {
                if (lost.contains(partition.directoryOf(broker))) {
                    add(elections, topic, partition, Elections.without(partition.isr(), broker), records);
                }
            }
        }
    }

    static boolean leadsAny(MetadataImage image, int broker) {
        for (TopicImage topic : image.topics().all()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.leader() == broker) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void add(
            Elections elections,
            TopicImage topic,
            PartitionImage partition,
            List<Integer> isr,
            List<ApiMessage> records) {
        var change = elections.change(topic, partition, isr, partition.recovering());
        if (change != null) {
            records.add(change);
        }
    }
}
