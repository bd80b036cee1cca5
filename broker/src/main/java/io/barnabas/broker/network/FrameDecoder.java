package io.barnabas.broker.network;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bytes to frames: a signed 32-bit size, then that many bytes. A frame that lies in one read is a slice of it; a longer one is
 * gathered in a buffer that grows as bytes arrive, so that a size announced but never sent costs nothing. A size that is
 * negative or above {@code socket.request.max.bytes} closes the connection, and so does a part for which there is no memory.
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(FrameDecoder.class);
    private static final int FIRST_GATHER_BYTES = 64 << 10;

    private final int maxSizeBytes;
    private final UnfinishedRequests memory;
    private int prefixBytes;
    private int sizeBytes;
    private ByteBuf gathered;
    private int takenBytes;
    private boolean refused;

    FrameDecoder(int maxSizeBytes, UnfinishedRequests memory) {
        this.maxSizeBytes = maxSizeBytes;
        this.memory = memory;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var in = (ByteBuf) message;
        try {
            while (in.isReadable() && !refused) {
                if (gathered != null) {
                    gather(context, in);
                } else if (readSize(in)) {
                    begin(context, in);
                }
            }
        } finally {
            in.release();
        }
    }

    private boolean readSize(ByteBuf in) {
        while (prefixBytes < Integer.BYTES && in.isReadable()) {
            sizeBytes = sizeBytes << Byte.SIZE | in.readUnsignedByte();
            prefixBytes++;
        }
        return prefixBytes == Integer.BYTES;
    }

    private void begin(ChannelHandlerContext context, ByteBuf in) {
        int size = sizeBytes;
        prefixBytes = 0;
        sizeBytes = 0;
        if (size < 0 || size > maxSizeBytes) {
            refuse(
                    context,
                    ForeignProtocol.explain(size)
                            .orElseGet(() -> "it announced a request of " + size
                                    + " bytes, which is not between 0 and socket.request.max.bytes=" + maxSizeBytes));
        } else if (in.readableBytes() >= size) {
            context.fireChannelRead(in.readRetainedSlice(size));
        } else {
            int capacity = Math.min(size, Math.max(FIRST_GATHER_BYTES, in.readableBytes()));
            gathered = context.alloc().directBuffer(capacity, size);
            gather(context, in);
        }
    }

    private void gather(ChannelHandlerContext context, ByteBuf in) {
        int partBytes = Math.min(gathered.maxWritableBytes(), in.readableBytes());
        int size = gathered.maxCapacity();
        if (!memory.take(partBytes, size)) {
            refuse(
                    context,
                    "there is no memory for its request of " + size + " bytes: unfinished requests like it take "
                            + memory.mostBytes(size) + " bytes already; give the JVM more by -XX:MaxDirectMemorySize");
            return;
        }
        takenBytes += partBytes;
        gathered.writeBytes(in, partBytes);
        if (gathered.maxWritableBytes() == 0) {
            ByteBuf frame = gathered;
            gathered = null;
            giveBack();
            context.fireChannelRead(frame);
        }
    }

    private void giveBack() {
        memory.give(takenBytes);
        takenBytes = 0;
    }

    private void refuse(ChannelHandlerContext context, String reason) {
        refused = true;
        LOG.warn("Closing the connection from {}: {}", context.channel().remoteAddress(), reason);
        context.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (gathered != null) {
            gathered.release();
            gathered = null;
            giveBack();
        }
    }
}
