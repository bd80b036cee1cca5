package io.barnabas.broker.coordinator.group.assignor;

import java.util.Map;

/**
 * A group as an assignor sees it. No partition is owned by two members.
 *
 * @param members by member id
 * @param homogeneous all members subscribe to the same topics
 */
public record GroupSpec(Map<String, MemberSpec> members, boolean homogeneous) {}
