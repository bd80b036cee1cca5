package io.barnabas.metadata.quorum;

import java.nio.ByteBuffer;
import java.util.List;

import com.alipay.sofa.jraft.rpc.RpcRequests;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;

/** The frames between nodes: one byte that says which of JRaft's core messages it is, then the message. Nothing else is read. */
final class RaftMessages {
    /** Only ever add at the end: the place is the number on the wire. */
    private static final List<Message> TYPES = List.of(
            RpcRequests.ErrorResponse.getDefaultInstance(),
            RpcRequests.AppendEntriesRequest.getDefaultInstance(),
            RpcRequests.AppendEntriesResponse.getDefaultInstance(),
            RpcRequests.RequestVoteRequest.getDefaultInstance(),
            RpcRequests.RequestVoteResponse.getDefaultInstance(),
            RpcRequests.InstallSnapshotRequest.getDefaultInstance(),
            RpcRequests.InstallSnapshotResponse.getDefaultInstance(),
            RpcRequests.GetFileRequest.getDefaultInstance(),
            RpcRequests.GetFileResponse.getDefaultInstance(),
            RpcRequests.TimeoutNowRequest.getDefaultInstance(),
            RpcRequests.TimeoutNowResponse.getDefaultInstance(),
            RpcRequests.ReadIndexRequest.getDefaultInstance(),
            RpcRequests.ReadIndexResponse.getDefaultInstance(),
            RpcRequests.PingRequest.getDefaultInstance());

    private RaftMessages() {}

    static byte[] encode(Object message) {
        var proto = (Message) message;
        for (int type = 0; type < TYPES.size(); type++) {
            if (TYPES.get(type).getClass() == proto.getClass()) {
                var body = proto.toByteArray();
                return ByteBuffer.allocate(1 + body.length)
                        .put((byte) type)
                        .put(body)
                        .array();
            }
        }
        throw new IllegalArgumentException(proto.getClass() + " does not travel between nodes");
    }

    /** Throws IllegalArgumentException if the bytes are no such message. */
    static Message decode(byte[] frame) {
        if (frame.length == 0 || frame[0] < 0 || frame[0] >= TYPES.size()) {
            throw new IllegalArgumentException("a frame between nodes is of no known type");
        }
        Parser<? extends Message> parser = TYPES.get(frame[0]).getParserForType();
        try {
            return parser.parseFrom(frame, 1, frame.length - 1);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("a frame between nodes is malformed", e);
        }
    }
}
