package io.barnabas.storage.producer;

/**
 * Where a remembered producer wrote last.
 *
 * @param lastDataOffset last offset of its newest batch; −1 if only a marker is known of it
 * @param epoch its newest epoch
 */
public record LastRecord(long lastDataOffset, short epoch) {}
