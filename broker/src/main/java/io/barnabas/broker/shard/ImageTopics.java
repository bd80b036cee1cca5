package io.barnabas.broker.shard;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import io.barnabas.broker.coordinator.group.TopicFacts;
import io.barnabas.broker.coordinator.group.Topics;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.Uuid;

/** Topics of one metadata image. Immutable. */
final class ImageTopics implements Topics {
    private final MetadataImage image;
    private final long creationVersion;
    private final long changeVersion;

    ImageTopics(MetadataImage image, long creationVersion, long changeVersion) {
        this.image = image;
        this.creationVersion = creationVersion;
        this.changeVersion = changeVersion;
    }

    @Override
    public long version() {
        return image.index();
    }

    @Override
    public long creationVersion() {
        return creationVersion;
    }

    @Override
    public long changeVersion() {
        return changeVersion;
    }

    @Override
    public TopicFacts byName(String name) {
        return facts(image.topics().byName(name));
    }

    @Override
    public TopicFacts byId(Uuid id) {
        return facts(image.topics().byId(id));
    }

    private TopicFacts facts(TopicImage topic) {
        return topic == null
                ? null
                : new TopicFacts(
                        topic.id(), topic.name(), topic.partitionCount(), partition -> racks(topic, partition));
    }

    private List<String> racks(TopicImage topic, int partition) {
        var racks = new ArrayList<String>();
        for (int replica : topic.partition(partition).replicas()) {
            var broker = image.cluster().broker(replica);
            if (broker != null && broker.rack() != null) {
                racks.add(broker.rack());
            }
        }
        return racks;
    }

    @Override
    public Collection<String> names() {
        var names = new ArrayList<String>(image.topics().size());
        image.topics().all().forEach(topic -> names.add(topic.name()));
        return names;
    }
}
