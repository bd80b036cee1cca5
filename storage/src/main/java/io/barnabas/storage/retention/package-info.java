/** Which segments may be deleted. Pure. */
package io.barnabas.storage.retention;
