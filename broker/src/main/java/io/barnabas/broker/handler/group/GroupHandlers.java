package io.barnabas.broker.handler.group;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.barnabas.broker.controlplane.AutoTopics;
import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.coordinator.group.Caller;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;

/** All handlers of this package. */
public final class GroupHandlers {
    private GroupHandlers() {}

    public static List<Handler<?>> all(GroupCoordinator coordinator, Cluster cluster, AutoTopics autoTopics) {
        return List.of(
                new FindCoordinatorHandler(coordinator, cluster, autoTopics),
                new JoinGroupHandler(coordinator),
                new SyncGroupHandler(coordinator),
                new HeartbeatHandler(coordinator),
                new LeaveGroupHandler(coordinator),
                new OffsetCommitHandler(coordinator, cluster),
                new OffsetFetchHandler(coordinator, cluster),
                new DescribeGroupsHandler(coordinator),
                new ListGroupsHandler(coordinator),
                new DeleteGroupsHandler(coordinator),
                new OffsetDeleteHandler(coordinator, cluster),
                new ConsumerGroupHeartbeatHandler(coordinator),
                new ConsumerGroupDescribeHandler(coordinator));
    }

    static Caller caller(RequestContext context) {
        return new Caller(
                context.apiVersion(),
                context.clientId() == null ? "" : context.clientId(),
                context.clientAddress().toString());
    }

    /** Completes with all results, in order, when all are complete. */
    static <R> CompletableFuture<List<R>> inOrder(Collection<CompletableFuture<R>> futures) {
        return CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> {
                    var results = new ArrayList<R>(futures.size());
                    futures.forEach(future -> results.add(future.join()));
                    return results;
                });
    }
}
