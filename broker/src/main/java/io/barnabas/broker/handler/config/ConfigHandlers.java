package io.barnabas.broker.handler.config;

import java.util.List;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.controlplane.ControllerLink;
import io.barnabas.broker.controlplane.NodeConfig;
import io.barnabas.broker.handler.Handler;

/** The handlers that read and change configs. */
public final class ConfigHandlers {
    private ConfigHandlers() {}

    public static List<Handler<?>> all(NodeConfig config, Cluster cluster, ControllerLink controller) {
        var changes = new ConfigChanges(config, cluster);
        return List.of(
                new DescribeConfigsHandler(config, cluster),
                new ListConfigResourcesHandler(cluster),
                new AlterConfigsHandler(changes, controller),
                new IncrementalAlterConfigsHandler(changes, controller));
    }
}
