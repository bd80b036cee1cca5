package io.barnabas.storage.log;

import java.io.IOException;
import java.util.Collections;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.epoch.LeaderEpochs;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.producer.ProducerLedger;
import io.barnabas.storage.recovery.LoadedLog;
import io.barnabas.storage.recovery.ProducerRebuild;

/**
 * What a log consists of, for the classes that change it: {@link PartitionLog}, {@link Truncation}, {@link Trimming},
 * {@link CompactedSegments}, {@link StagedTail}, {@link JournalledTail}. Its owner changes it; volatile fields and {@link #view} may be
 * read by any thread.
 */
final class LogState {
    final LogHome home;
    final TopicIdFile topicId;
    final SegmentChain chain;
    final ProducerLedger producers;
    final LeaderEpochs epochs;
    final Appender appender;
    final Flusher flusher;
    final RecoveryCheckpoint recoveryCheckpoint;

    volatile LogConfig config;
    volatile LogView view;
    /** Offset below which the log was compacted; −1 if it never was. */
    volatile long cleanedOffset;
    /** The same as it was found: of a copy, how far its log was compacted, which may be further than the copy goes. */
    final long foundCleanedOffset;
    /** How often records were cut off the end. */
    volatile int cuts;
    /** Taken out of the store: nothing of it is changed any more, and where its files were, another log's may be. */
    volatile boolean gone;
    /** While files are cut, or move away, under the published view. */
    volatile boolean cutting;

    /** Of a copy: a cut found no space, so that its files and what it knows of them may not agree. A restart makes it whole. */
    volatile boolean halfCut;

    /** Follows this log into another directory; null if none does. */
    volatile LogMove follower;

    long logStartOffset;
    long highWatermark;

    /** @param onStableStorage whether the partition's directory is known to survive a power loss */
    LogState(
            LogHome home,
            TopicIdFile topicId,
            LogConfig config,
            LoadedLog loaded,
            long highWatermark,
            long cleanedOffset,
            boolean onStableStorage,
            long nowMs) {
        this.home = home;
        this.topicId = topicId;
        this.config = config;
        this.chain = new SegmentChain(home, loaded.segments(), loaded.nextOffset());
        this.producers = loaded.producers();
        this.epochs = loaded.epochs();
        this.appender = new Appender(home.partition(), chain, producers, epochs);
        this.logStartOffset = loaded.logStartOffset();
        this.highWatermark = Math.min(Math.max(highWatermark, logStartOffset), loaded.nextOffset());
        this.foundCleanedOffset = cleanedOffset;
        this.cleanedOffset = Math.min(cleanedOffset, loaded.nextOffset());
        producers.highWatermark(this.highWatermark);
        this.flusher = new Flusher(
                home.directory(),
                home.path(),
                epochs,
                topicId,
                loaded.recoveryPoint(),
                chain.active().baseOffset(),
                onStableStorage,
                nowMs);
        this.recoveryCheckpoint = new RecoveryCheckpoint(flusher, loaded.recoveryPoint());
        publish();
    }

    TopicPartition partition() {
        return home.partition();
    }

    TopicIdPartition topicIdPartition() {
        return new TopicIdPartition(
                topicId.id(), partition().topic(), partition().partition());
    }

    void publish() {
        long firstUnstable = producers.firstUnstableOffset();
        long lastStable =
                firstUnstable < 0 ? highWatermark : Math.min(highWatermark, Math.max(firstUnstable, logStartOffset));
        view = chain.view(logStartOffset, highWatermark, lastStable);
    }

    /** Makes all that is published durable. Any thread. */
    void flush(long nowMs) throws StorageException {
        flusher.flush(() -> view, nowMs);
    }

    /** The end was cut: brings the producers there. */
    void rebuildProducers(long endOffset, long nowMs) throws IOException {
        ProducerRebuild.rebuild(producers, chain.all(), logStartOffset, endOffset, Collections.emptySortedSet(), nowMs);
    }

    /** Before anything is changed. */
    void ensureUsable() throws StorageException {
        if (gone) {
            throw takenOut(null);
        }
        home.directory().ensureOnline();
    }

    /** From now on failures are no disk errors. The owner; waits for a flush at hand. */
    void leave() {
        gone = true;
        flusher.leave();
    }

    StorageException takenOut(IOException cause) {
        return new StorageException(partition() + " was taken out of its log directory", cause);
    }

    /** A cut failed: a copy can wait for space, and be made anew then; of a log nobody knows any more what is on the disk. */
    StorageException notCut(String verb, IOException cause) {
        if (gone || !home.isCopy()) {
            return failed(verb, cause);
        }
        halfCut = true;
        return home.directory().failUnlessFull("Cannot " + verb + " the copy of " + partition(), cause);
    }

    StorageException failed(String verb, IOException cause) {
        return gone ? takenOut(cause) : home.directory().fail("Cannot " + verb + " " + partition(), cause);
    }
}
