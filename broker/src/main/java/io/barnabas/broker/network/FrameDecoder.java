package io.barnabas.broker.network;

import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/**
 * Bytes to frames: a signed 32-bit size, then that many bytes. A frame that lies in one read is a slice of it; a longer one is
 * gathered in a buffer of its own, into which {@link FrameReads} then has the socket read. It begins small, or as large as the
 * connection has sent already, and grows as bytes arrive, so that a size announced but never sent costs little. A size that is
 * negative or above {@code socket.request.max.bytes} closes the connection, and so does a part for which there is no memory. While
 * the requests before are not answered, what was read waits here, and from then on nothing more is read.
 */
final class FrameDecoder extends ChannelDuplexHandler {
    private static final int FIRST_GATHER_BYTES = 64 << 10;
    private static final int MOST_TRUSTED_BYTES = 1 << 20;

    private final int maxSizeBytes;
    private final RequestMemory memory;
    private final BooleanSupplier takesMore;
    private final ClosingLog closings;
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(0);
    private ChannelHandlerContext context;
    private boolean goingOn;
    private boolean decoding;
    private int prefixBytes;
    private int sizeBytes;
    private ByteBuf gathered;
    private int takenBytes;
    /** Size of the last frame that was gathered here: the next is likely to be like it. */
    private int sentBytes;

    private boolean refused;

    /**
     * @param takesMore whether the next frame is wanted now; when it is again, {@link #goOn} says so
     */
    FrameDecoder(int maxSizeBytes, RequestMemory memory, BooleanSupplier takesMore, ClosingLog closings) {
        this.maxSizeBytes = maxSizeBytes;
        this.memory = memory;
        this.takesMore = takesMore;
        this.closings = closings;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message == gathered) {
            gathered.release();
            completeWhenFull();
        } else {
            waiting.add((ByteBuf) message);
            decode(takesMore);
        }
        if (!waiting.isEmpty()) {
            context.channel().config().setAutoRead(false);
        }
    }

    /** Where the next bytes of the connection belong, if that is in a frame that has begun and room for them is had; else null. */
    ByteBuf target() {
        if (gathered == null || refused || !waiting.isEmpty() || !takesMore.getAsBoolean()) {
            return null;
        }
        return gathered.isWritable() || grow(gathered.capacity()) ? gathered : null;
    }

    /** Frames are wanted again. On the connection's thread; they come in a later turn of it. */
    void goOn() {
        if (!waiting.isEmpty() && !goingOn && !decoding) {
            goingOn = true;
            context.executor().execute(() -> {
                goingOn = false;
                try {
                    decode(takesMore);
                    if (waiting.isEmpty()) {
                        context.channel().config().setAutoRead(true);
                    }
                } catch (Throwable e) {
                    // As where Netty calls: else it would only be logged, and the connection never be read again.
                    context.fireExceptionCaught(e);
                }
            });
        }
    }

    private void decode(BooleanSupplier goesOn) {
        decoding = true;
        try {
            for (ByteBuf in = waiting.peek(); in != null; in = waiting.peek()) {
                if (refused || !in.isReadable()) {
                    waiting.poll().release();
                } else if (goesOn.getAsBoolean()) {
                    advance(in);
                } else {
                    break;
                }
            }
        } finally {
            decoding = false;
        }
    }

    private void advance(ByteBuf in) {
        if (gathered != null) {
            gather(in);
        } else if (readSize(in)) {
            begin(in);
        }
    }

    private boolean readSize(ByteBuf in) {
        while (prefixBytes < Integer.BYTES && in.isReadable()) {
            sizeBytes = sizeBytes << Byte.SIZE | in.readUnsignedByte();
            prefixBytes++;
        }
        return prefixBytes == Integer.BYTES;
    }

    private void begin(ByteBuf in) {
        int size = sizeBytes;
        prefixBytes = 0;
        sizeBytes = 0;
        if (size < 0 || size > maxSizeBytes) {
            refuse(ForeignProtocol.explain(size)
                    .orElseGet(() -> "it announced a request of " + size
                            + " bytes, which is not between 0 and socket.request.max.bytes=" + maxSizeBytes));
        } else if (in.readableBytes() >= size) {
            context.fireChannelRead(new Frame(in.readRetainedSlice(size), memory, 0));
        } else {
            int firstBytes = Math.max(FIRST_GATHER_BYTES, Math.min(sentBytes, MOST_TRUSTED_BYTES));
            int capacityBytes = Math.min(size, Math.max(firstBytes, in.readableBytes()));
            if (take(capacityBytes, size)) {
                gathered = context.alloc().directBuffer(capacityBytes, size);
                gather(in);
            } else {
                refuseForMemory(size);
            }
        }
    }

    private void gather(ByteBuf in) {
        int partBytes = Math.min(gathered.maxWritableBytes(), in.readableBytes());
        if (partBytes <= gathered.writableBytes() || grow(partBytes)) {
            gathered.writeBytes(in, partBytes);
            completeWhenFull();
        } else {
            refuseForMemory(gathered.maxCapacity());
        }
    }

    /** Makes room for some more bytes, as much again as there is if the frame is that large; false if there is no memory for it. */
    private boolean grow(int moreBytes) {
        int size = gathered.maxCapacity();
        long wantedBytes = Math.max(2L * gathered.capacity(), (long) gathered.writerIndex() + moreBytes);
        int capacityBytes = (int) Math.min(size, wantedBytes);
        if (!take(capacityBytes - gathered.capacity(), size)) {
            return false;
        }
        gathered.capacity(capacityBytes);
        return true;
    }

    private boolean take(int bytes, int size) {
        boolean had = memory.take(bytes, size);
        takenBytes += had ? bytes : 0;
        return had;
    }

    private void refuseForMemory(int size) {
        refuse("there is no memory for its request of " + size + " bytes: requests like it take "
                + memory.mostBytes(size) + " bytes already; give the JVM more by -XX:MaxDirectMemorySize");
    }

    private void completeWhenFull() {
        if (gathered.maxWritableBytes() == 0) {
            var frame = new Frame(gathered, memory, takenBytes);
            sentBytes = gathered.capacity();
            gathered = null;
            takenBytes = 0;
            context.fireChannelRead(frame);
        }
    }

    private void refuse(String reason) {
        closings.closing(context.channel().remoteAddress(), reason);
        close(context, context.newPromise());
    }

    /** What a connection sent that is closed from this side is of no interest any more. */
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        refused = true;
        context.close(promise);
    }

    /** Requests that a client sent before it closed are done all the same, as far as they need no answer. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        decode(() -> true);
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
        // Room may have been taken for a buffer that then could not be had.
        memory.give(takenBytes);
        takenBytes = 0;
    }
}
