package io.barnabas.broker.config;

/** Security protocol of a listener, with the id Metadata and registration carry. */
public enum SecurityProtocol {
    PLAINTEXT(0),
    SSL(1),
    SASL_PLAINTEXT(2),
    SASL_SSL(3);

    private final short id;

    SecurityProtocol(int id) {
        this.id = (short) id;
    }

    public short id() {
        return id;
    }

    public boolean usesTls() {
        return this == SSL || this == SASL_SSL;
    }

    public boolean usesSasl() {
        return this == SASL_PLAINTEXT || this == SASL_SSL;
    }
}
