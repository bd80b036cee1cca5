/** Log directories: opening, failing, deferred deletion. */
package io.barnabas.storage.dir;
