/** Segments: one stretch of a log on disk each. */
package io.barnabas.storage.segment;
