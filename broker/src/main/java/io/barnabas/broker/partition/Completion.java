package io.barnabas.broker.partition;

import io.barnabas.protocol.ErrorCode;

/** Told once, on the partition's worker, what became of an append. Must not block. */
@FunctionalInterface
public interface Completion {
    /** @param error NONE once the append is below the high watermark; otherwise why it is not known to be */
    void complete(ErrorCode error);
}
