package io.barnabas.storage.log;

/** Up to which offset a read may see records. */
public enum ReadIsolation {
    /** Everything written: replicas. */
    LOG_END,
    /** Below the high watermark: consumers reading uncommitted. */
    HIGH_WATERMARK,
    /** Below the last stable offset: consumers reading committed. */
    COMMITTED
}
