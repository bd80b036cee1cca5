/** Compaction: of each key only the latest record stays. Plans, cleans off to the side, swaps on the log's owner. */
package io.barnabas.storage.compaction;
