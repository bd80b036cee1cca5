package io.barnabas.metadata.quorum;

import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.RaftRpcFactory;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcServer;
import com.alipay.sofa.jraft.util.Endpoint;
import com.alipay.sofa.jraft.util.SPI;

/**
 * Gives a node of JRaft its client. JRaft finds this class by its service file, has one instance per JVM and asks it deep inside a
 * node's start; the client is therefore the one set for the thread that starts the node.
 */
@SPI(name = "transport", priority = 10)
public final class TransportRpcFactory implements RaftRpcFactory {
    private static final ThreadLocal<RaftMessageClient> CLIENT = new ThreadLocal<>();

    /** A start of a node. */
    interface Start {
        boolean run();
    }

    static boolean with(RaftMessageClient client, Start start) {
        CLIENT.set(client);
        try {
            return start.run();
        } finally {
            CLIENT.remove();
        }
    }

    @Override
    public RpcClient createRpcClient(ConfigHelper<RpcClient> helper) {
        var client = CLIENT.get();
        if (client == null) {
            throw new IllegalStateException("a client is made only while a quorum starts");
        }
        return client;
    }

    @Override
    public RpcServer createRpcServer(Endpoint endpoint, ConfigHelper<RpcServer> helper) {
        throw new UnsupportedOperationException("requests come in by RaftMessageServer");
    }

    @Override
    public ConfigHelper<RpcClient> defaultJRaftClientConfigHelper(RpcOptions options) {
        return null;
    }

    /** Which messages there are is fixed in {@link RaftMessages}. */
    @Override
    public void registerProtobufSerializer(String className, Object... args) {}

    @Override
    public boolean isReplicatorPipelineEnabled() {
        return true;
    }

    @Override
    public void ensurePipeline() {}
}
