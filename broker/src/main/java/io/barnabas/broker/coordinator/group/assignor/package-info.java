/**
 * Server-side assignors of consumer groups (KIP-848): who is to own which partitions. Pure functions that give what Apache Kafka
 * 4.3.1 gives for the same input, down to the last partition; ties fall as the JDK's hash tables fall, as they do there. Start at
 * {@link io.barnabas.broker.coordinator.group.assignor.Assignor}.
 */
package io.barnabas.broker.coordinator.group.assignor;
