package io.barnabas.metadata.image;

/**
 * Which producer ids have been given out.
 *
 * @param nextProducerId the first id that no block contains yet
 */
public record ProducerIdsImage(long nextProducerId) {
    static final ProducerIdsImage EMPTY = new ProducerIdsImage(0);
}
