/** Primitives of the wire format, and what every generated message has in common. */
package io.barnabas.protocol.wire;
