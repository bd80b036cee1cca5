package io.barnabas.metadata.controller;

import io.barnabas.metadata.image.MetadataImage;

/** Hears of committed metadata. Called for one image after the other, so it has to be quick; if it throws, the node stops. */
@FunctionalInterface
public interface ImageListener {
    void onImage(MetadataImage before, MetadataImage after);
}
