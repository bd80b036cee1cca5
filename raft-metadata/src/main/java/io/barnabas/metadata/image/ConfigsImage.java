package io.barnabas.metadata.image;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

import io.barnabas.protocol.metadata.ConfigRecord;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePMap;

/** Configs that were set at run time, by the resource they belong to. Immutable. */
public final class ConfigsImage {
    static final ConfigsImage EMPTY = new ConfigsImage(HashTreePMap.empty());

    /** What can carry configs; ids as in the protocol. */
    public enum ResourceType {
        TOPIC(2),
        BROKER(4),
        BROKER_LOGGER(8),
        CLIENT_METRICS(16),
        GROUP(32);

        private final byte id;

        ResourceType(int id) {
            this.id = (byte) id;
        }

        public byte id() {
            return id;
        }

        /** Null if no type has this id. */
        public static ResourceType of(byte id) {
            return switch (id) {
                case 2 -> TOPIC;
                case 4 -> BROKER;
                case 8 -> BROKER_LOGGER;
                case 16 -> CLIENT_METRICS;
                case 32 -> GROUP;
                default -> null;
            };
        }
    }

    /** @param name for brokers the id, or empty for all brokers */
    private record Resource(ResourceType type, String name) {}

    private final HashPMap<Resource, TreePMap<String, String>> configs;

    private ConfigsImage(HashPMap<Resource, TreePMap<String, String>> configs) {
        this.configs = configs;
    }

    /** Values by config name; empty if the resource sets none. Unmodifiable. */
    public Map<String, String> of(ResourceType type, String name) {
        return configs.getOrDefault(new Resource(type, name), TreePMap.empty());
    }

    /** Resources of a type that set any config, by name. Looks at all resources. */
    public SortedSet<String> names(ResourceType type) {
        var names = new TreeSet<String>();
        for (var resource : configs.keySet()) {
            if (resource.type() == type) {
                names.add(resource.name());
            }
        }
        return names;
    }

    ConfigsImage with(ConfigRecord record) {
        var type = ResourceType.of(record.resourceType());
        if (type == null) {
            throw new MetadataException("A config belongs to a resource of the unknown type " + record.resourceType()
                    + ": the metadata log was written by a newer version, which this one cannot follow.");
        }
        var resource = new Resource(type, record.resourceName());
        var values = configs.getOrDefault(resource, TreePMap.empty());
        values = record.value() == null ? values.minus(record.name()) : values.plus(record.name(), record.value());
        return new ConfigsImage(values.isEmpty() ? configs.minus(resource) : configs.plus(resource, values));
    }

    ConfigsImage without(ResourceType type, String name) {
        var next = configs.minus(new Resource(type, name));
        return next == configs ? this : new ConfigsImage(next);
    }

    void addRecordsTo(List<? super ConfigRecord> records) {
        configs.forEach((resource, values) -> values.forEach((name, value) -> records.add(new ConfigRecord()
                .resourceType(resource.type().id())
                .resourceName(resource.name())
                .name(name)
                .value(value))));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConfigsImage that && configs.equals(that.configs);
    }

    @Override
    public int hashCode() {
        return configs.hashCode();
    }
}
