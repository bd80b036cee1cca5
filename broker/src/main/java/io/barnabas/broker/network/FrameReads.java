package io.barnabas.broker.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Where a connection's socket is read to: into the frame that has begun, so that its bytes need not be copied there, or else into a
 * buffer as large as the reads before suggest. On the connection's thread.
 */
final class FrameReads implements RecvByteBufAllocator {
    /** As many as Netty gives a socket whose allocator it makes itself; one that is set has 1. */
    private static final int READS_A_TURN = 16;

    private final RecvByteBufAllocator others = new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(READS_A_TURN);
    private final FrameDecoder frames;

    FrameReads(FrameDecoder frames) {
        this.frames = frames;
    }

    @Override
    public Handle newHandle() {
        return new IntoFrames((ExtendedHandle) others.newHandle());
    }

    private final class IntoFrames implements ExtendedHandle {
        private final ExtendedHandle others;

        IntoFrames(ExtendedHandle others) {
            this.others = others;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            var target = frames.target();
            return target == null ? others.allocate(allocator) : target.retain();
        }

        @Override
        public int guess() {
            return others.guess();
        }

        @Override
        public void reset(ChannelConfig config) {
            others.reset(config);
        }

        @Override
        public void incMessagesRead(int messages) {
            others.incMessagesRead(messages);
        }

        @Override
        public void lastBytesRead(int bytes) {
            others.lastBytesRead(bytes);
        }

        @Override
        public int lastBytesRead() {
            return others.lastBytesRead();
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            others.attemptedBytesRead(bytes);
        }

        @Override
        public int attemptedBytesRead() {
            return others.attemptedBytesRead();
        }

        @Override
        public boolean continueReading() {
            return others.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return others.continueReading(maybeMoreData);
        }

        @Override
        public void readComplete() {
            others.readComplete();
        }
    }
}
