/**
 * Kafka's record batches, message format v2: a header of 61 bytes, then records, compressed together. Start at
 * {@link io.barnabas.protocol.record.RecordBatch}; the format is that of KIP-98 (and KIP-534) as Kafka 4.3.1
 * writes it. Nothing here is safe for two threads at once, except enums and values.
 */
package io.barnabas.protocol.record;
