/** Placeholder until the first class arrives. */
package io.barnabas.metadata;
