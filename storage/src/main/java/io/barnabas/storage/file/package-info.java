/** Port to the disk, and the bounded set of open files. */
package io.barnabas.storage.file;
