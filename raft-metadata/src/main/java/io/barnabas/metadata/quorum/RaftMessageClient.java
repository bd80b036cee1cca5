package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.error.InvokeTimeoutException;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.util.Endpoint;
import com.google.protobuf.Message;

/** JRaft's requests, sent through our transport. Any thread. */
final class RaftMessageClient implements RpcClient {
    /** Null on a node that is alone. */
    private final RaftTransport transport;
    /** What followers confirmed to have. Cleared with each leadership: what was confirmed to an older leader may be gone. */
    private final Map<Integer, Long> matchIndex = new ConcurrentHashMap<>();

    RaftMessageClient(RaftTransport transport) {
        this.transport = transport;
    }

    /** Per node the last entry it confirmed to this leader. */
    Map<Integer, Long> matchIndex() {
        return new TreeMap<>(matchIndex);
    }

    void forgetMatchIndex() {
        matchIndex.clear();
    }

    @Override
    public boolean init(RpcOptions options) {
        return true;
    }

    @Override
    public void shutdown() {}

    /** Whether a node can be reached shows when something is sent to it. */
    @Override
    public boolean checkConnection(Endpoint endpoint) {
        return true;
    }

    @Override
    public boolean checkConnection(Endpoint endpoint, boolean createIfAbsent) {
        return true;
    }

    @Override
    public void closeConnection(Endpoint endpoint) {}

    @Override
    public void registerConnectEventListener(ReplicatorGroup replicators) {}

    @Override
    public Object invokeSync(Endpoint endpoint, Object request, InvokeContext context, long timeoutMs)
            throws InterruptedException, RemotingException {
        try {
            var reply = send(endpoint, request, timeoutMs).toCompletableFuture().get(timeoutMs, TimeUnit.MILLISECONDS);
            return RaftMessages.decode(reply);
        } catch (ExecutionException e) {
            throw new RemotingException(e.getCause());
        } catch (IllegalArgumentException e) {
            throw new RemotingException(e);
        } catch (TimeoutException e) {
            throw new InvokeTimeoutException(e);
        }
    }

    @Override
    public void invokeAsync(
            Endpoint endpoint, Object request, InvokeContext context, InvokeCallback callback, long timeoutMs) {
        Executor executor = callback.executor() == null ? Runnable::run : callback.executor();
        send(endpoint, request, timeoutMs).whenComplete((reply, failure) -> {
            try {
                executor.execute(() -> complete(NodeNames.idOf(endpoint), request, callback, reply, failure));
            } catch (RejectedExecutionException e) {
                complete(NodeNames.idOf(endpoint), request, callback, null, e);
            }
        });
    }

    private CompletionStage<byte[]> send(Endpoint endpoint, Object request, long timeoutMs) {
        if (transport == null) {
            return CompletableFuture.failedFuture(new IOException("there is no way to " + endpoint));
        }
        return transport.send(NodeNames.idOf(endpoint), RaftMessages.encode(request), timeoutMs);
    }

    private void complete(int nodeId, Object request, InvokeCallback callback, byte[] reply, Throwable failure) {
        var cause = failure instanceof CompletionException ? failure.getCause() : failure;
        Message answer = null;
        if (cause == null) {
            try {
                answer = RaftMessages.decode(reply);
                note(nodeId, request, answer);
            } catch (IllegalArgumentException e) {
                cause = e;
            }
        }
        if (cause instanceof TimeoutException) {
            callback.complete(null, new InvokeTimeoutException(cause));
        } else if (cause != null) {
            callback.complete(null, new RemotingException(cause));
        } else {
            callback.complete(answer, null);
        }
    }

    private void note(int nodeId, Object request, Message answer) {
        if (request instanceof AppendEntriesRequest append
                && answer instanceof AppendEntriesResponse appended
                && appended.getSuccess()) {
            matchIndex.merge(nodeId, append.getPrevLogIndex() + append.getEntriesCount(), Math::max);
        }
    }
}
