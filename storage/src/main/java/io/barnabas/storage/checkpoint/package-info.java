/** Small files of a log directory, in Kafka's formats, through the {@link io.barnabas.storage.file.Disk} port. */
package io.barnabas.storage.checkpoint;
