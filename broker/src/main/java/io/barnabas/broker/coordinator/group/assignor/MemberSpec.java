package io.barnabas.broker.coordinator.group.assignor;

import java.util.Map;
import java.util.Set;

import io.barnabas.protocol.Uuid;

/**
 * A member as an assignor sees it.
 *
 * @param instanceId null for a dynamic member
 * @param topics subscribed topics that exist
 * @param owned what the assignment before this one gave it: topic → partitions, perhaps of topics that are gone
 */
public record MemberSpec(String instanceId, Set<Uuid> topics, Map<Uuid, Set<Integer>> owned) {}
