/**
 * A log directory's journal: what was appended to topics with {@code durability=fsync} is made durable here, all partitions by one
 * write and one fsync, before their segments are. See decisions/0007.
 */
package io.barnabas.storage.journal;
