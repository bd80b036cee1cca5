package io.barnabas.broker.handler.config;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.protocol.message.AlterConfigsRequest;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest;

/** What one resource of a request is asked to become; the two APIs in one form. */
record ConfigChange(byte resourceType, String resourceName, boolean replacesAll, List<Item> items) {
    static final byte SET = 0;
    static final byte DELETE = 1;
    static final byte APPEND = 2;
    static final byte SUBTRACT = 3;

    /** @param value null only where deleted, or by mistake */
    record Item(String name, byte operation, String value) {}

    static ConfigChange of(IncrementalAlterConfigsRequest.AlterConfigsResource resource) {
        var items = new ArrayList<Item>();
        resource.configs()
                .forEach(config -> items.add(new Item(config.name(), config.configOperation(), config.value())));
        return new ConfigChange(resource.resourceType(), resource.resourceName(), false, items);
    }

    static ConfigChange of(AlterConfigsRequest.AlterConfigsResource resource) {
        var items = new ArrayList<Item>();
        resource.configs().forEach(config -> items.add(new Item(config.name(), SET, config.value())));
        return new ConfigChange(resource.resourceType(), resource.resourceName(), true, items);
    }
}
