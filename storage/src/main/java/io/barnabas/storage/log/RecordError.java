package io.barnabas.storage.log;

/**
 * Why one record of a rejected batch is not acceptable.
 *
 * @param batchIndex position of the record within its batch, from 0
 */
public record RecordError(int batchIndex, String message) {
    /** As it appears in the message of a rejected batch. */
    @Override
    public String toString() {
        return "RecordError(batchIndex=" + batchIndex + ", message='" + message + "')";
    }
}
