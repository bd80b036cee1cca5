package io.barnabas.broker.coordinator.group;

import io.barnabas.broker.coordinator.Pending;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponse;
import io.barnabas.protocol.message.HeartbeatResponse;
import io.barnabas.protocol.message.JoinGroupResponse;
import io.barnabas.protocol.message.LeaveGroupResponse;
import io.barnabas.protocol.message.OffsetCommitResponse;
import io.barnabas.protocol.message.SyncGroupResponse;
import io.barnabas.protocol.wire.Message;

/** A request under way to a shard, and its answer once there is one. */
final class Call implements Pending {
    private Message response;

    void answer(Message message) {
        if (response != null) {
            throw new AssertionError("Answered twice: " + response + ", then " + message);
        }
        response = message;
    }

    boolean isAnswered() {
        return response != null;
    }

    /** Fails if there is none yet. */
    Message response() {
        if (response == null) {
            throw new AssertionError("Not answered yet");
        }
        return response;
    }

    JoinGroupResponse joined() {
        return (JoinGroupResponse) response();
    }

    SyncGroupResponse synced() {
        return (SyncGroupResponse) response();
    }

    ConsumerGroupHeartbeatResponse heard() {
        return (ConsumerGroupHeartbeatResponse) response();
    }

    LeaveGroupResponse left() {
        return (LeaveGroupResponse) response();
    }

    /** The error for the whole request; for a commit that of its first partition. */
    ErrorCode error() {
        short code;
        if (response() instanceof JoinGroupResponse join) {
            code = join.errorCode();
        } else if (response instanceof SyncGroupResponse sync) {
            code = sync.errorCode();
        } else if (response instanceof HeartbeatResponse heartbeat) {
            code = heartbeat.errorCode();
        } else if (response instanceof ConsumerGroupHeartbeatResponse heartbeat) {
            code = heartbeat.errorCode();
        } else if (response instanceof LeaveGroupResponse leave) {
            code = leave.errorCode();
        } else {
            code = ((OffsetCommitResponse) response)
                    .topics()
                    .get(0)
                    .partitions()
                    .get(0)
                    .errorCode();
        }
        return ErrorCode.of(code);
    }
}
