package io.barnabas.metadata.quorum;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import com.alipay.sofa.jraft.rpc.Connection;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.impl.PingRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.AppendEntriesRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.GetFileRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.InstallSnapshotRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.RequestVoteRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.TimeoutNowRequestProcessor;
import com.google.protobuf.Message;

/**
 * Hands requests from our transport to JRaft's processors. Only those of the protocol proper are there: JRaft's commands for
 * administrators have no authorisation. Votes have a thread of their own, so that no snapshot or slow disk delays them, and so have
 * the AppendEntries of each other node, which must stay in order. Threads come with requests and go when there are none.
 */
final class RaftMessageServer {
    private static final int WORK_THREADS = 4;
    private static final int MOST_WAITING = 1_024;
    private static final long IDLE_S = 10;

    private final ThreadPoolExecutor votes = pool("raft-vote-", 1);
    private final ThreadPoolExecutor work = pool("raft-work-", WORK_THREADS);
    private final AppendEntriesRequestProcessor appends = new AppendEntriesRequestProcessor(work);
    private final Map<String, RpcProcessor<Message>> processors = new HashMap<>();
    private final Map<Integer, Link> links = new ConcurrentHashMap<>();
    private volatile boolean closed;

    RaftMessageServer() {
        register(new RequestVoteRequestProcessor(votes));
        register(new TimeoutNowRequestProcessor(votes));
        register(new PingRequestProcessor(votes));
        register(new InstallSnapshotRequestProcessor(work));
        register(new GetFileRequestProcessor(work));
        register(appends);
    }

    private static ThreadPoolExecutor pool(String prefix, int threads) {
        var number = new AtomicInteger();
        var pool = new ThreadPoolExecutor(
                threads, threads, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_WAITING), task -> {
                    var thread = new Thread(task, prefix + number.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @SuppressWarnings("unchecked")
    private void register(RpcProcessor<?> processor) {
        processors.put(processor.interest(), (RpcProcessor<Message>) processor);
    }

    /** A {@link RaftTransport.Receiver}. */
    void receive(int fromNodeId, byte[] request, Consumer<byte[]> reply) {
        var message = RaftMessages.decode(request);
        var processor = processors.get(message.getClass().getName());
        if (processor == null) {
            throw new IllegalArgumentException(message.getClass().getSimpleName() + " is no request between nodes");
        }
        var link = links.computeIfAbsent(fromNodeId, Link::new);
        var call = new Call(link, reply);
        try {
            executorOf(processor, link).execute(() -> handle(processor, call, message));
        } catch (RejectedExecutionException e) {
            // Overloaded or shutting down: the other side runs into its timeout, as with any node that is gone. Answers
            // to AppendEntries are numbered, so that one that never comes would hold up all later ones.
            link.close();
        }
    }

    /** A request that is still on its way when its link or the server is closed brings back what that cleared, with a thread of its own. */
    private void handle(RpcProcessor<Message> processor, Call call, Message message) {
        try {
            processor.handleRequest(call, message);
        } finally {
            if (closed || call.link().closed) {
                call.link().forget();
            }
        }
    }

    /**
     * JRaft would choose a thread for AppendEntries too, and make it as it chooses. One made while its node shuts down would be left for
     * good.
     */
    private Executor executorOf(RpcProcessor<Message> processor, Link link) {
        if (processor.interest().equals(appends.interest())) {
            return link.inOrder;
        }
        return processor.executor() == null ? work : processor.executor();
    }

    void close() {
        closed = true;
        links.values().forEach(Link::close);
        votes.shutdownNow();
        work.shutdownNow();
    }

    private record Call(Link link, Consumer<byte[]> reply) implements RpcContext {
        @Override
        public void sendResponse(Object response) {
            reply.accept(RaftMessages.encode(response));
        }

        @Override
        public Connection getConnection() {
            return link;
        }

        @Override
        public String getRemoteAddress() {
            return link.name();
        }
    }

    /** Where JRaft keeps what it knows of the requests of another node. */
    private final class Link implements Connection {
        private final int nodeId;
        private final Map<String, Object> attributes = new ConcurrentHashMap<>();
        private final ThreadPoolExecutor inOrder;
        private volatile boolean closed;

        Link(int nodeId) {
            this.nodeId = nodeId;
            this.inOrder = pool("raft-appends-of-n" + nodeId + "-", 1);
        }

        String name() {
            return NodeNames.of(nodeId).toString();
        }

        @Override
        public Object getAttribute(String key) {
            return attributes.get(key);
        }

        @Override
        public void setAttribute(String key, Object value) {
            attributes.put(key, value);
        }

        @Override
        public Object setAttributeIfAbsent(String key, Object value) {
            return attributes.putIfAbsent(key, value);
        }

        /** Forgets the other node's requests; the next one begins anew. */
        @Override
        public void close() {
            closed = true;
            links.remove(nodeId, this);
            inOrder.getQueue().clear();
            inOrder.shutdown();
            forget();
        }

        private void forget() {
            appends.onClosed(name(), this);
        }
    }
}
