/**
 * The cluster's metadata as immutable values: what a sequence of Kafka's own metadata records adds up to. Pure: no threads, clocks,
 * files or randomness. Start reading at {@link io.barnabas.metadata.image.MetadataImage}.
 */
package io.barnabas.metadata.image;
