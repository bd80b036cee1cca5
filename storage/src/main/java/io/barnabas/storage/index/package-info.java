/** Offset and time index files of a segment. */
package io.barnabas.storage.index;
