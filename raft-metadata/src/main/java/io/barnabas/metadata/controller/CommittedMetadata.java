package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.metadata.image.MetadataImage;

/** The newest committed metadata, published to everyone. One thread at a time publishes; any thread reads. */
public final class CommittedMetadata {
    private volatile MetadataImage image = MetadataImage.EMPTY;
    /** Guarded by this. */
    private final List<ImageListener> listeners = new ArrayList<>();

    public MetadataImage image() {
        return image;
    }

    /**
     * Every image from now on is told to the listener on the thread that publishes it. What there is already is told at once, on this
     * thread, as a change from {@link MetadataImage#EMPTY}.
     */
    public synchronized void listen(ImageListener listener) {
        if (image != MetadataImage.EMPTY) {
            listener.onImage(MetadataImage.EMPTY, image);
        }
        listeners.add(listener);
    }

    /** Folds a committed batch of records into the image. */
    public void apply(long index, byte[] recordBatch) {
        publish(image.applyAll(RecordBatchCodec.decode(recordBatch)).at(index));
    }

    /** Makes this the newest metadata. */
    public synchronized void publish(MetadataImage after) {
        var before = image;
        image = after;
        for (var listener : listeners) {
            listener.onImage(before, after);
        }
    }
}
