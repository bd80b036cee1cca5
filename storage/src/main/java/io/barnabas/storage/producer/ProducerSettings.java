package io.barnabas.storage.producer;

/**
 * Broker-wide settings of ledgers; both may change while running.
 *
 * @param idExpirationMs {@code producer.id.expiration.ms}
 * @param verifiesTransactions {@code transaction.partition.verification.enable}
 */
public record ProducerSettings(int idExpirationMs, boolean verifiesTransactions) {
    public static final ProducerSettings DEFAULT = new ProducerSettings(86_400_000, true);
}
