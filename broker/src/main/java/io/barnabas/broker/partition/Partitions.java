package io.barnabas.broker.partition;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;

import io.barnabas.broker.telemetry.Telemetry;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicas on this broker. Looked up by any thread; the changes that {@code controlplane} orders are carried out by the
 * worker of the partition concerned, in the order they were ordered.
 */
public final class Partitions {
    private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);

    private final ConcurrentMap<TopicPartition, Partition> online = new ConcurrentHashMap<>();
    /** Replicas whose log is, or whose newest log is, in a directory that could not be used at the start. */
    private final Set<TopicPartition> offline = ConcurrentHashMap.newKeySet();

    /** Replicas that were ordered and have no log yet, for want of space mostly; only their workers change what is said of them. */
    private final ConcurrentMap<TopicPartition, Order> unmade = new ConcurrentHashMap<>();

    private final List<PartitionListener> listeners = new CopyOnWriteArrayList<>();
    private final Workers workers;
    private final LogStore logs;
    private final Telemetry telemetry;

    public Partitions(Workers workers, LogStore logs, Telemetry telemetry) {
        this.workers = workers;
        this.logs = logs;
        this.telemetry = telemetry;
    }

    /** The replica, or null if this broker has none. */
    public Partition find(TopicPartition partition) {
        return online.get(partition);
    }

    /** Whether this broker has the replica, in a log directory that has failed. Any thread. */
    public boolean isOffline(TopicPartition partition) {
        var known = online.get(partition);
        return known != null ? known.isOffline() : offline.contains(partition);
    }

    /** How many replicas are in a log directory that has failed. Any thread. */
    public int offlineCount() {
        return offline.size()
                + (int) online.values().stream().filter(Partition::isOffline).count();
    }

    /** Before the first partition is online: this replica is not to be made anew, its directory does not work. */
    public void keepOffline(TopicPartition partition) {
        offline.add(partition);
    }

    public Collection<Partition> all() {
        return online.values();
    }

    /** The worker that owns, or would own, a partition: coordinators run their shard of it there. */
    public Worker ownerOf(TopicPartition partition) {
        return workers.ownerOf(partition);
    }

    /** Before the first partition is online. */
    public void listen(PartitionListener listener) {
        listeners.add(listener);
    }

    /** Orders a replica to exist and to follow this leadership. */
    public void keep(TopicIdPartition id, Leadership leadership, LogConfig config, int minInsyncReplicas) {
        var order = new Order(id, leadership, config, minInsyncReplicas);
        workers.ownerOf(order.name()).execute(() -> carryOut(order));
    }

    private record Order(TopicIdPartition id, Leadership leadership, LogConfig config, int minInsyncReplicas) {
        TopicPartition name() {
            return id.topicPartition();
        }

        Order with(LogConfig newConfig, int newMinInsyncReplicas) {
            return new Order(id, leadership, newConfig, newMinInsyncReplicas);
        }
    }

    private void carryOut(Order order) {
        var name = order.name();
        var partition = online.get(name);
        if (partition == null && offline.contains(name)) {
            return;
        }
        if (partition == null) {
            partition = bringOnline(order);
        } else {
            partition.reconfigure(order.config(), order.minInsyncReplicas());
        }
        if (partition != null) {
            lead(partition, order.leadership());
        }
    }

    private Partition bringOnline(Order order) {
        var id = order.id();
        var name = order.name();
        try {
            putAsideNamesake(id, name);
            var log = logs.create(id, order.config());
            // A log found at the start was opened before its topic's own configs were known.
            log.reconfigure(order.config());
            var partition = new Partition(
                    id, workers.ownerOf(name), log, telemetry.topic(id.topic()), order.minInsyncReplicas());
            online.put(name, partition);
            unmade.remove(name);
            return partition;
        } catch (IOException e) {
            if (unmade.put(name, order) == null) {
                LOG.error("Cannot open the log of {}, which is tried again every second: {}", name, e.getMessage());
            }
            return null;
        }
    }

    /** Tries again to make what could not be made. Maintenance thread. */
    void makeUnmade() {
        unmade.forEach((name, order) -> workers.ownerOf(name).execute(() -> {
            if (unmade.get(name) == order) {
                carryOut(order);
            }
        }));
    }

    /** Keeps the records of a deleted topic out of a new one that took its name while this broker was away. */
    private void putAsideNamesake(TopicIdPartition id, TopicPartition name) throws IOException {
        var found = logs.log(name).orElse(null);
        if (found != null
                && !found.topicId().equals(Uuid.ZERO)
                && !found.topicId().equals(id.topicId())) {
            LOG.warn(
                    "The log of {} belongs to the topic id {}, but the topic's id is {}; it is put aside as -stray",
                    name,
                    found.topicId(),
                    id.topicId());
            logs.putAsideStray(name);
        }
    }

    /** Once, when all replicas were ordered: orders logs that belong to none of them to be put aside, renamed {@code -stray}. */
    public void putAsideStrays() {
        for (var log : List.copyOf(logs.logs())) {
            var name = log.partition();
            workers.ownerOf(name).execute(() -> {
                if (online.containsKey(name) || offline.contains(name)) {
                    return;
                }
                try {
                    LOG.warn(
                            "The log of {} belongs to no topic that this broker holds; it is put aside as -stray",
                            name);
                    logs.putAsideStray(name);
                } catch (IOException e) {
                    LOG.error("Cannot put the log of {} aside: {}", name, e.getMessage());
                }
            });
        }
    }

    private void lead(Partition partition, Leadership leadership) {
        boolean led = partition.leadership().local();
        boolean newReign = partition.become(leadership);
        if (led && (newReign || !leadership.local())) {
            listeners.forEach(listener -> listener.onResigned(partition));
        }
        if (newReign) {
            listeners.forEach(listener -> listener.onLeading(partition));
        }
    }

    /** Orders new configuration. */
    public void reconfigure(TopicPartition name, LogConfig config, int minInsyncReplicas) {
        workers.ownerOf(name).execute(() -> {
            unmade.computeIfPresent(name, (key, order) -> order.with(config, minInsyncReplicas));
            var partition = online.get(name);
            if (partition != null) {
                partition.reconfigure(config, minInsyncReplicas);
            }
        });
    }

    /** Orders a replica, and its log, to be gone. */
    public void delete(TopicPartition name) {
        workers.ownerOf(name).execute(() -> {
            var partition = online.remove(name);
            offline.remove(name);
            unmade.remove(name);
            if (partition == null) {
                return;
            }
            lead(partition, Leadership.NONE);
            try {
                logs.delete(name);
                telemetry.forgetTopic(name.topic());
            } catch (IOException e) {
                LOG.error("Cannot delete the log of {}: {}", name, e.getMessage());
            }
        });
    }
}
