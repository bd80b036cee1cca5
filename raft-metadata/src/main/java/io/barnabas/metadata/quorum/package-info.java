/** Consensus: a log of record batches on which the voters agree. {@link io.barnabas.metadata.quorum.Quorum} is the port. */
package io.barnabas.metadata.quorum;
