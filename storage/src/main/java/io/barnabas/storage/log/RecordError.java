package io.barnabas.storage.log;

/**
 * Why one record of a rejected batch is not acceptable.
 *
 * @param batchIndex position of the record within its batch, from 0
 */
public record RecordError(int batchIndex, String message) {}
