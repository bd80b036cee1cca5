/** The metadata log of a cluster whose only voter is this node. */
package io.barnabas.metadata.single;
