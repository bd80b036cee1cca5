package io.barnabas.metadata.quorum;

import java.util.List;

/** The threads of the quorums in this JVM, but for those of a pool that JRaft keeps for a minute after the last answer to a request. */
final class QuorumThreads {
    private QuorumThreads() {}

    static List<String> running() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("JRaft") || name.startsWith("raft-") || name.startsWith("metadata-"))
                .filter(name -> !name.startsWith("JRaft-Rpc-Closure-Executor"))
                .sorted()
                .toList();
    }
}
