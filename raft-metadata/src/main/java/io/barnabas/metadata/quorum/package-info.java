/**
 * Consensus: a log of record batches on which the voters agree.
 *
 * <h2>Quorum</h2>
 *
 * <p>{@link io.barnabas.metadata.quorum.Quorum} is the port; {@link io.barnabas.metadata.quorum.JRaftQuorum} puts SOFAJRaft behind it,
 * and this package is the only code that knows JRaft and protobuf. JRaft is left with the protocol alone: log, vote and transport are
 * ours, so that neither RocksDB nor Bolt nor Hessian is on the class path. Start reading: {@code JRaftQuorum}, {@code LogFold} (what is
 * committed, on its way to the listener), {@code FileRaftLog} and {@code RaftSegment} (the log on disk).
 *
 * <p>A single voter elects itself while it starts and needs no transport. Several voters talk through a {@code RaftTransport};
 * {@code RaftMessages} lists all that may travel, {@code RaftMessageServer} and {@code RaftMessageClient} are its two ends.
 *
 * <p>Threads: JRaft's apply thread calls the listener; "metadata-snapshot" writes one snapshot and ends; "raft-vote", "raft-work" and
 * "raft-append" exist while requests of other nodes come in. All else is JRaft's: one thread each for proposals, the disk, applying and
 * reads, and one timer.
 *
 * <p>On disk, under the quorum's directory: {@code .lock}; {@code log/%020d.raft} (entries, see {@code RaftSegment}); {@code vote} (term
 * and vote, see {@code VoteFile}); {@code snapshot/snapshot_<index>/image} (see {@code SnapshotFile}) beside JRaft's
 * {@code __raft_snapshot_meta}, and {@code snapshot/temp} while one is written or fetched.
 */
package io.barnabas.metadata.quorum;
