package io.barnabas.metadata.image;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.protocol.metadata.BrokerRegistrationChangeRecord;
import io.barnabas.protocol.metadata.ClearElrRecord;
import io.barnabas.protocol.metadata.ConfigRecord;
import io.barnabas.protocol.metadata.FeatureLevelRecord;
import io.barnabas.protocol.metadata.FenceBrokerRecord;
import io.barnabas.protocol.metadata.NoOpRecord;
import io.barnabas.protocol.metadata.PartitionChangeRecord;
import io.barnabas.protocol.metadata.PartitionRecord;
import io.barnabas.protocol.metadata.ProducerIdsRecord;
import io.barnabas.protocol.metadata.RegisterBrokerRecord;
import io.barnabas.protocol.metadata.RemoveTopicRecord;
import io.barnabas.protocol.metadata.TopicRecord;
import io.barnabas.protocol.metadata.UnfenceBrokerRecord;
import io.barnabas.protocol.metadata.UnregisterBrokerRecord;
import io.barnabas.protocol.metadata.ZkMigrationStateRecord;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * The cluster's metadata at one index of the Raft log: what all records up to there add up to. Immutable; {@link #apply} costs
 * O(log n). Parts that a record does not touch stay the same objects, so {@code ==} tells cheaply whether they changed.
 *
 * <p>Records are Kafka's own metadata records. A kind that cannot be kept is refused with {@link MetadataException}, never skipped.
 */
public final class MetadataImage {
    public static final MetadataImage EMPTY = new MetadataImage(
            0,
            TopicsImage.EMPTY,
            ClusterImage.EMPTY,
            ConfigsImage.EMPTY,
            FeaturesImage.EMPTY,
            ProducerIdsImage.EMPTY,
            CarriedRecords.EMPTY);

    private final long index;
    private final TopicsImage topics;
    private final ClusterImage cluster;
    private final ConfigsImage configs;
    private final FeaturesImage features;
    private final ProducerIdsImage producerIds;
    private final CarriedRecords carried;

    private MetadataImage(
            long index,
            TopicsImage topics,
            ClusterImage cluster,
            ConfigsImage configs,
            FeaturesImage features,
            ProducerIdsImage producerIds,
            CarriedRecords carried) {
        this.index = index;
        this.topics = topics;
        this.cluster = cluster;
        this.configs = configs;
        this.features = features;
        this.producerIds = producerIds;
        this.carried = carried;
    }

    /** Of the last record batch in here; 0 before the first. Indexes have gaps. */
    public long index() {
        return index;
    }

    public TopicsImage topics() {
        return topics;
    }

    public ClusterImage cluster() {
        return cluster;
    }

    public ConfigsImage configs() {
        return configs;
    }

    public FeaturesImage features() {
        return features;
    }

    public ProducerIdsImage producerIds() {
        return producerIds;
    }

    public CarriedRecords carried() {
        return carried;
    }

    /** The same metadata, said to be that of another index. */
    public MetadataImage at(long newIndex) {
        return new MetadataImage(newIndex, topics, cluster, configs, features, producerIds, carried);
    }

    /** All records in order. */
    public MetadataImage applyAll(List<? extends ApiMessage> records) {
        var next = this;
        for (var record : records) {
            next = next.apply(record);
        }
        return next;
    }

    /**
     * The metadata after one more record; the index stays.
     *
     * @throws MetadataException if the record contradicts this image, or is of a kind that cannot be kept
     */
    public MetadataImage apply(ApiMessage record) {
        if (record instanceof PartitionRecord partition) {
            return with(topics.with(partition));
        } else if (record instanceof PartitionChangeRecord change) {
            return with(topics.with(change));
        } else if (record instanceof TopicRecord topic) {
            return with(topics.create(topic.topicId(), topic.name()));
        } else if (record instanceof RemoveTopicRecord removal) {
            return without(removal);
        } else if (record instanceof ClearElrRecord clear) {
            return with(topics.clearElr(clear.topicName()));
        } else if (record instanceof ConfigRecord config) {
            return new MetadataImage(index, topics, cluster, configs.with(config), features, producerIds, carried);
        } else if (record instanceof ProducerIdsRecord ids) {
            return with(ids);
        } else if (record instanceof FeatureLevelRecord level) {
            return new MetadataImage(index, topics, cluster, configs, features.with(level), producerIds, carried);
        } else if (record instanceof NoOpRecord || record instanceof ZkMigrationStateRecord) {
            return this;
        }
        return applyToBrokers(record);
    }

    private MetadataImage applyToBrokers(ApiMessage record) {
        if (record instanceof BrokerRegistrationChangeRecord change) {
            return with(cluster.with(change));
        } else if (record instanceof RegisterBrokerRecord registration) {
            return with(cluster.with(BrokerImage.of(registration)));
        } else if (record instanceof UnregisterBrokerRecord removal) {
            return with(cluster.without(removal.brokerId(), removal.brokerEpoch()));
        } else if (record instanceof FenceBrokerRecord fence) {
            return with(cluster.with(fencing(fence.id(), fence.epoch(), (byte) 1)));
        } else if (record instanceof UnfenceBrokerRecord unfence) {
            return with(cluster.with(fencing(unfence.id(), unfence.epoch(), (byte) -1)));
        }
        var carriedNext = carried.with(record);
        if (carriedNext == null) {
            throw new MetadataException("The metadata log holds a "
                    + record.getClass().getSimpleName()
                    + ", which this version cannot keep; start the version that wrote it.");
        }
        return new MetadataImage(index, topics, cluster, configs, features, producerIds, carriedNext);
    }

    private static BrokerRegistrationChangeRecord fencing(int broker, long epoch, byte change) {
        return new BrokerRegistrationChangeRecord()
                .brokerId(broker)
                .brokerEpoch(epoch)
                .fenced(change);
    }

    private MetadataImage with(TopicsImage next) {
        return new MetadataImage(index, next, cluster, configs, features, producerIds, carried);
    }

    private MetadataImage with(ClusterImage next) {
        return new MetadataImage(index, topics, next, configs, features, producerIds, carried);
    }

    private MetadataImage without(RemoveTopicRecord removal) {
        var topic = topics.byId(removal.topicId());
        var nextTopics = topics.remove(removal.topicId());
        var nextConfigs = configs.without(ResourceType.TOPIC, topic.name());
        return new MetadataImage(index, nextTopics, cluster, nextConfigs, features, producerIds, carried);
    }

    private MetadataImage with(ProducerIdsRecord ids) {
        if (ids.nextProducerId() <= producerIds.nextProducerId()) {
            throw new MetadataException("Producer ids from " + ids.nextProducerId() + " on are said to be free after "
                    + producerIds.nextProducerId() + " was: the metadata log is damaged.");
        }
        var next = new ProducerIdsImage(ids.nextProducerId());
        return new MetadataImage(index, topics, cluster, configs, features, next, carried);
    }

    /** Records that give this image, apart from its index, when they are applied to {@link #EMPTY}: a snapshot. */
    public List<ApiMessage> toRecords() {
        var records = new ArrayList<ApiMessage>();
        features.levels()
                .forEach((name, level) ->
                        records.add(new FeatureLevelRecord().name(name).featureLevel(level)));
        for (var broker : cluster.brokers()) {
            records.add(broker.toRecord());
        }
        for (var topic : topics.all()) {
            records.add(new TopicRecord().topicId(topic.id()).name(topic.name()));
            for (var partition : topic.partitions()) {
                records.add(partition.toRecord(topic.id()));
            }
        }
        configs.addRecordsTo(records);
        if (producerIds.nextProducerId() > 0) {
            records.add(
                    new ProducerIdsRecord().brokerId(-1).brokerEpoch(-1).nextProducerId(producerIds.nextProducerId()));
        }
        carried.addRecordsTo(records);
        return records;
    }

    /** Equal metadata at the same index. */
    @Override
    public boolean equals(Object other) {
        return other instanceof MetadataImage that
                && index == that.index
                && topics.equals(that.topics)
                && cluster.equals(that.cluster)
                && configs.equals(that.configs)
                && features.equals(that.features)
                && producerIds.equals(that.producerIds)
                && carried.equals(that.carried);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(index);
    }

    @Override
    public String toString() {
        return "MetadataImage(index " + index + ", " + topics.size() + " topics, "
                + cluster.brokers().size() + " brokers)";
    }
}
