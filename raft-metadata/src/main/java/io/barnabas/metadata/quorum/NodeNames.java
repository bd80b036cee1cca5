package io.barnabas.metadata.quorum;

import java.util.Collection;
import java.util.List;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.util.Endpoint;

/** JRaft names nodes by address; ours are called n1:1, n2:1, … so that a node may move without leaving the quorum. */
final class NodeNames {
    static final int NOBODY = -1;
    private static final int PORT = 1;

    private NodeNames() {}

    static PeerId of(int nodeId) {
        return new PeerId("n" + nodeId, PORT);
    }

    static int idOf(PeerId peer) {
        return peer == null || peer.isEmpty() ? NOBODY : idOf(peer.getEndpoint());
    }

    static int idOf(Endpoint endpoint) {
        return Integer.parseInt(endpoint.getIp().substring(1));
    }

    /** Rising. */
    static List<Integer> idsOf(Collection<PeerId> peers) {
        return peers.stream().map(NodeNames::idOf).sorted().toList();
    }

    /** The name of a cluster's group: JRaft allows letters, digits, - and _, beginning with a letter. */
    static String groupOf(String clusterId) {
        var name = new StringBuilder("metadata-");
        clusterId.codePoints().forEach(c -> {
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-';
            name.append(plain ? Character.toString(c) : "_" + Integer.toHexString(c) + "_");
        });
        return name.toString();
    }
}
