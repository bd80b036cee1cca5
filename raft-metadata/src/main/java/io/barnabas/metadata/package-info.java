/** The metadata of a cluster: consensus, controller, images. Start reading at {@link io.barnabas.metadata.MetadataNode}. */
package io.barnabas.metadata;
