/**
 * The group coordinator's shard: classic groups and committed offsets. Start at {@link
 * io.barnabas.broker.coordinator.group.GroupShard}. Pure: no I/O, threads, clocks or randomness.
 */
package io.barnabas.broker.coordinator.group;
