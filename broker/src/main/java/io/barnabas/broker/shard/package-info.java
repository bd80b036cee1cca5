/**
 * Hosts coordinator shards: each lives on the worker of its internal partition, is rebuilt from that partition's records when this
 * broker begins to lead it, and is forgotten when it no longer does. Start at {@link io.barnabas.broker.shard.ShardHost}.
 */
package io.barnabas.broker.shard;
