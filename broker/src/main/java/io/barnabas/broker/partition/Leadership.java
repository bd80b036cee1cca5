package io.barnabas.broker.partition;

import io.barnabas.protocol.ErrorCode;

/**
 * Who leads a partition, as this broker last learned from the metadata. Immutable.
 *
 * @param leaderId -1 if there is no leader
 * @param local this broker is the leader
 * @param insyncReplicas size of the in-sync set
 */
public record Leadership(int leaderId, int epoch, boolean local, int insyncReplicas) {
    public static final Leadership NONE = new Leadership(-1, -1, false, 0);

    /**
     * Compares the epoch a client believes in.
     *
     * @param epochOfClient -1 skips the check
     * @return NONE, FENCED_LEADER_EPOCH (client is behind) or UNKNOWN_LEADER_EPOCH (this broker is behind)
     */
    public ErrorCode check(int epochOfClient) {
        if (epochOfClient < 0 || epochOfClient == epoch) {
            return ErrorCode.NONE;
        }
        return epochOfClient < epoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
    }
}
