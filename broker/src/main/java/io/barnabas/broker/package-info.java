/** A whole broker in one process: {@link io.barnabas.broker.Main} and the boot order. */
package io.barnabas.broker;
