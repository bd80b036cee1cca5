package io.barnabas.broker.controlplane;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.barnabas.broker.partition.Leadership;
import io.barnabas.metadata.image.BrokerImage;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;

/**
 * The cluster as this broker shows it to clients: the newest committed metadata that its own replicas have caught up with, so that a
 * partition that a client hears of can be written to. Any thread; every call looks at the newest image.
 */
public final class Cluster {
    private static final Set<String> INTERNAL_TOPICS =
            Set.of("__consumer_offsets", "__transaction_state", "__share_group_state");

    private final int brokerId;
    private final String clusterId;
    private final Supplier<CompletionStage<Void>> replicas;
    private final Predicate<TopicPartition> offlineHere;
    private volatile MetadataImage image = MetadataImage.EMPTY;

    /**
     * @param replicas a stage that completes once what was ordered of this broker's replicas so far is done, in the order of calls
     * @param offlineHere whether this broker's replica of a partition is in a log directory that has failed
     */
    public Cluster(
            int brokerId,
            String clusterId,
            Supplier<CompletionStage<Void>> replicas,
            Predicate<TopicPartition> offlineHere) {
        this.brokerId = brokerId;
        this.clusterId = clusterId;
        this.replicas = replicas;
        this.offlineHere = offlineHere;
    }

    /** Whether a broker's replica of a partition cannot be served though the broker is there: only this broker's own are known. */
    public boolean isOffline(String topic, int partition, int broker) {
        return broker == brokerId && offlineHere.test(new TopicPartition(topic, partition));
    }

    /** Hears of every new image on the thread that applies them, after all that orders changes of replicas. */
    public void apply(MetadataImage before, MetadataImage after) {
        replicas.get().thenRun(() -> show(after));
    }

    private synchronized void show(MetadataImage next) {
        if (next.index() > image.index()) {
            image = next;
        }
    }

    /** Completes once the images applied so far are shown. */
    public CompletionStage<Void> settled() {
        return replicas.get();
    }

    /** This broker's own id. */
    public int brokerId() {
        return brokerId;
    }

    public String clusterId() {
        return clusterId;
    }

    public MetadataImage image() {
        return image;
    }

    /** Null if no topic has this id. */
    public String topicName(Uuid id) {
        var topic = image().topics().byId(id);
        return topic == null ? null : topic.name();
    }

    /** {@link Uuid#ZERO} if there is no such topic. */
    public Uuid topicId(String name) {
        var topic = image().topics().byName(name);
        return topic == null ? Uuid.ZERO : topic.id();
    }

    public boolean contains(TopicPartition partition) {
        var topic = image().topics().byName(partition.topic());
        return topic != null && topic.partition(partition.partition()) != null;
    }

    /** Topics that belong to the broker itself. */
    public boolean isInternal(String topic) {
        return INTERNAL_TOPICS.contains(topic);
    }

    /** Leader id and epoch of a partition; {@link Leadership#NONE} if it does not exist or its leader's disk has failed. */
    public Leadership leaderOf(TopicPartition partition) {
        var topic = image().topics().byName(partition.topic());
        var state = topic == null ? null : topic.partition(partition.partition());
        return state == null || isOffline(partition.topic(), partition.partition(), state.leader())
                ? Leadership.NONE
                : new Leadership(
                        state.leader(),
                        state.leaderEpoch(),
                        state.leader() == brokerId,
                        state.isr().size());
    }

    /** A broker's endpoint on a listener; empty if the broker is unknown, fenced, or lacks the listener. */
    public Optional<Node> node(int id, String listener) {
        var broker = image().cluster().broker(id);
        return broker == null || broker.fenced() ? Optional.empty() : nodeOf(broker, listener);
    }

    /** Whether a broker, alive or fenced, has registered the listener. */
    public boolean hasListener(int id, String listener) {
        var broker = image().cluster().broker(id);
        return broker != null && broker.listeners().containsKey(listener);
    }

    /** All registered brokers that have the listener, fenced ones too, by id. */
    public List<Node> nodes(String listener) {
        var nodes = new ArrayList<Node>();
        for (var broker : image().cluster().brokers()) {
            nodeOf(broker, listener).ifPresent(nodes::add);
        }
        nodes.sort((a, b) -> Integer.compare(a.id(), b.id()));
        return nodes;
    }

    private static Optional<Node> nodeOf(BrokerImage broker, String listener) {
        var endpoint = broker.listeners().get(listener);
        return endpoint == null
                ? Optional.empty()
                : Optional.of(new Node(broker.id(), endpoint.host(), endpoint.port(), broker.rack(), broker.fenced()));
    }

    /**
     * Where to reach a broker.
     *
     * @param rack null if it has none
     */
    public record Node(int id, String host, int port, String rack, boolean fenced) {}
}
