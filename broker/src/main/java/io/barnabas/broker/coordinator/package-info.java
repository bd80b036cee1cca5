/**
 * What all coordinator shards share: events in, decisions out, timers as data. Pure: no I/O, threads, clocks or randomness;
 * depends on {@code io.barnabas.protocol} only. A shard is used by one thread at a time, the worker of its partition.
 */
package io.barnabas.broker.coordinator;
