package io.barnabas.metadata.image;

import java.util.Collection;
import java.util.Set;

import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.metadata.PartitionChangeRecord;
import io.barnabas.protocol.metadata.PartitionRecord;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PSet;

/** All topics, by id and by name. Immutable; a change costs O(log n). */
public final class TopicsImage {
    static final TopicsImage EMPTY = new TopicsImage(HashTreePMap.empty(), HashTreePMap.empty(), HashTreePMap.empty());

    private final HashPMap<Uuid, TopicImage> byId;
    private final HashPMap<String, Uuid> ids;
    /** Names that hold a '.' or '_', by the name with every '.' made a '_': their metrics would be the same. */
    private final HashPMap<String, PSet<String>> byMetricName;

    private TopicsImage(
            HashPMap<Uuid, TopicImage> byId, HashPMap<String, Uuid> ids, HashPMap<String, PSet<String>> byMetricName) {
        this.byId = byId;
        this.ids = ids;
        this.byMetricName = byMetricName;
    }

    /** Null if there is none. */
    public TopicImage byName(String name) {
        var id = ids.get(name);
        return id == null ? null : byId.get(id);
    }

    /** Null if there is none. */
    public TopicImage byId(Uuid id) {
        return byId.get(id);
    }

    /** In no particular order. */
    public Collection<TopicImage> all() {
        return byId.values();
    }

    public int size() {
        return byId.size();
    }

    /** Topics whose names differ from this one at most in '.' and '_'; the topic itself among them. */
    public Set<String> collidingWith(String name) {
        return hasMetricAlias(name) ? byMetricName.getOrDefault(metricName(name), HashTreePSet.empty()) : Set.of();
    }

    TopicsImage create(Uuid id, String name) {
        if (ids.containsKey(name)) {
            throw new MetadataException("Topic " + name + " is created twice, as " + ids.get(name) + " and as " + id
                    + ": the metadata log is damaged.");
        }
        var aliases = byMetricName;
        if (hasMetricAlias(name)) {
            var metric = metricName(name);
            aliases = aliases.plus(
                    metric, aliases.getOrDefault(metric, HashTreePSet.empty()).plus(name));
        }
        return new TopicsImage(byId.plus(id, new TopicImage(id, name)), ids.plus(name, id), aliases);
    }

    TopicsImage remove(Uuid id) {
        var topic = existing(id);
        var aliases = byMetricName;
        if (hasMetricAlias(topic.name())) {
            var metric = metricName(topic.name());
            var left = aliases.getOrDefault(metric, HashTreePSet.empty()).minus(topic.name());
            aliases = left.isEmpty() ? aliases.minus(metric) : aliases.plus(metric, left);
        }
        return new TopicsImage(byId.minus(id), ids.minus(topic.name()), aliases);
    }

    TopicsImage with(PartitionRecord record) {
        return with(existing(record.topicId()).with(PartitionImage.of(record)));
    }

    TopicsImage with(PartitionChangeRecord change) {
        var topic = existing(change.topicId());
        var partition = topic.partition(change.partitionId());
        if (partition == null) {
            throw new MetadataException("Partition " + change.partitionId() + " of topic " + topic.name()
                    + " is changed but does not exist: the metadata log is damaged.");
        }
        return with(topic.with(partition.with(change)));
    }

    /** @param name of the topic; empty for all topics */
    TopicsImage clearElr(String name) {
        if (!name.isEmpty()) {
            var topic = byName(name);
            if (topic == null) {
                throw new MetadataException("Topic " + name
                        + " has its eligible leaders cleared but does not exist: the metadata log is" + " damaged.");
            }
            return clearElr(topic);
        }
        var next = this;
        for (var topic : all()) {
            next = next.clearElr(topic);
        }
        return next;
    }

    private TopicsImage clearElr(TopicImage topic) {
        var next = topic;
        for (var partition : topic.partitions()) {
            if (!partition.elr().isEmpty() || !partition.lastKnownElr().isEmpty()) {
                next = next.with(partition.withoutElr());
            }
        }
        return next == topic ? this : with(next);
    }

    private TopicsImage with(TopicImage topic) {
        return new TopicsImage(byId.plus(topic.id(), topic), ids, byMetricName);
    }

    private TopicImage existing(Uuid id) {
        var topic = byId.get(id);
        if (topic == null) {
            throw new MetadataException(
                    "A record concerns topic id " + id + ", which does not exist: the metadata log is damaged.");
        }
        return topic;
    }

    private static boolean hasMetricAlias(String name) {
        return name.indexOf('.') >= 0 || name.indexOf('_') >= 0;
    }

    private static String metricName(String name) {
        return name.replace('.', '_');
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TopicsImage that && byId.equals(that.byId);
    }

    @Override
    public int hashCode() {
        return byId.hashCode();
    }
}
