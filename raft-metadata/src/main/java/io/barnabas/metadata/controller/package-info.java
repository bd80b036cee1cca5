/**
 * Decides on changes of the cluster's metadata. The {@code *Decider}s are pure: image, request and time in, records and response out;
 * ids and chance are handed in. {@link io.barnabas.metadata.controller.Controller} is the one thread that runs them.
 */
package io.barnabas.metadata.controller;
