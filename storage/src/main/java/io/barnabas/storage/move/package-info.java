/** Moves logs between the log directories of a node: the threads that copy. What a move is: {@link io.barnabas.storage.log.LogMove}. */
package io.barnabas.storage.move;
