/**
 * What a log knows of its idempotent and transactional producers: {@link io.barnabas.storage.producer.ProducerLedger}
 * with its {@code .snapshot} files, and the aborted transactions of a segment,
 * {@link io.barnabas.storage.producer.TransactionIndex}. Rules and formats are those of Kafka 4.3.1 (KIP-98, KIP-360,
 * KIP-890).
 */
package io.barnabas.storage.producer;
