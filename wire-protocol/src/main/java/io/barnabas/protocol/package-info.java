/**
 * Kafka's wire protocol: identifiers, error codes and API keys here; primitives in {@code wire}, generated messages in
 * {@code message}, {@code metadata} and {@code coordinator}, record batches in {@code record}.
 */
package io.barnabas.protocol;
