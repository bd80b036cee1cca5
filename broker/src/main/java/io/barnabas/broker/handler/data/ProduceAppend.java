package io.barnabas.broker.handler.data;

import java.nio.ByteBuffer;

import io.barnabas.broker.partition.Completion;
import io.barnabas.broker.partition.Partition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ProduceResponse.BatchIndexAndErrorMessage;
import io.barnabas.protocol.message.ProduceResponse.PartitionProduceResponse;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.AppendResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of a Produce request that concerns one partition: a task for the partition's worker. */
final class ProduceAppend implements Runnable, Completion {
    private static final Logger LOG = LoggerFactory.getLogger(ProduceAppend.class);

    private final ProduceCall call;
    private final Partition partition;
    private final ByteBuffer batches;
    private final PartitionProduceResponse response;
    private boolean finished;

    ProduceAppend(ProduceCall call, Partition partition, ByteBuffer batches, PartitionProduceResponse response) {
        this.call = call;
        this.partition = partition;
        this.batches = batches;
        this.response = response;
    }

    Partition partition() {
        return partition;
    }

    /** Never throws: the other parts of the request come after it. */
    @Override
    public void run() {
        try {
            append();
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "An append to {} for client {} failed",
                    partition,
                    call.context().clientId(),
                    e);
            finish(ErrorCode.UNKNOWN_SERVER_ERROR);
        }
    }

    private void append() {
        int sizeBytes = batches.remaining();
        var result = partition.append(batches, AppendOrigin.CLIENT, call.allInsync(), System.currentTimeMillis(), this);
        if (result instanceof AppendResult.Rejected rejected) {
            partition.telemetry().appendFailed(sizeBytes);
            refuse(rejected);
            finish(ErrorCode.NONE);
        } else if (result instanceof AppendResult.Appended appended) {
            partition.telemetry().appended(appended.lastOffset() - appended.baseOffset() + 1, sizeBytes);
            accept(appended.baseOffset(), appended.appendTimeMs(), appended.logStartOffset());
        } else if (result instanceof AppendResult.Duplicate known) {
            accept(known.baseOffset(), known.appendTimeMs(), known.logStartOffset());
        }
    }

    private void accept(long baseOffset, long appendTimeMs, long logStartOffset) {
        response.baseOffset(baseOffset).logAppendTimeMs(appendTimeMs).logStartOffset(logStartOffset);
    }

    private void refuse(AppendResult.Rejected rejected) {
        if (rejected.error() == ErrorCode.NOT_LEADER_OR_FOLLOWER) {
            call.reject(response, partition.name(), rejected.error());
            return;
        }
        call.reject(response, rejected.error(), rejected.message());
        if (tellsLogStart(rejected.error())) {
            response.logStartOffset(rejected.logStartOffset());
        }
        if (call.context().apiVersion() >= 8) {
            for (var record : rejected.recordErrors()) {
                response.recordErrors()
                        .add(new BatchIndexAndErrorMessage()
                                .batchIndex(record.batchIndex())
                                .batchIndexErrorMessage(record.message()));
            }
        }
    }

    /** Kafka finds these before it looks at the log. */
    private static boolean tellsLogStart(ErrorCode error) {
        return switch (error) {
            case CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, KAFKA_STORAGE_ERROR -> false;
            default -> true;
        };
    }

    @Override
    public void complete(ErrorCode error) {
        finish(error);
    }

    /** Once: what breaks after the log took the batch is answered before the log tells what became of it. */
    private void finish(ErrorCode error) {
        if (finished) {
            return;
        }
        finished = true;
        try {
            if (error != ErrorCode.NONE) {
                call.reject(response, partition.name(), error);
            }
        } finally {
            call.finishedOne();
        }
    }
}
