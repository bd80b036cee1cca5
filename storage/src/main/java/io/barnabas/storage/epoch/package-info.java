/** Which leader epoch wrote which offsets of a log (KIP-101, KIP-279). */
package io.barnabas.storage.epoch;
