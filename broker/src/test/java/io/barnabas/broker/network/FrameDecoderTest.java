package io.barnabas.broker.network;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class FrameDecoderTest {
    private static final int MAX_BYTES = 1 << 20;
    private final RequestMemory memory = new RequestMemory(3 * MAX_BYTES / 2);
    private boolean open = true;
    private final EmbeddedChannel channel = new EmbeddedChannel(decoder());

    private FrameDecoder decoder() {
        return new FrameDecoder(MAX_BYTES, memory, () -> open, new ClosingLog());
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void aFrameWithinOneReadIsASliceOfIt() {
        ByteBuf in = Unpooled.buffer().writeInt(3).writeBytes(new byte[] {1, 2, 3});
        channel.writeInbound(in);
        Frame frame = channel.readInbound();
        in.setByte(4, 9);
        assertEquals(9, frame.bytes().getByte(0));
        frame.release();
    }

    @Test
    void unfinishedRequestsShareTheirMemory() {
        var part = Unpooled.buffer().writeInt(MAX_BYTES).writeZero(MAX_BYTES - 1);
        var other = new EmbeddedChannel(decoder());
        channel.writeInbound(part.retainedDuplicate());
        other.writeInbound(part.retainedDuplicate());
        assertTrue(channel.isOpen());
        assertFalse(other.isOpen());

        channel.writeInbound(Unpooled.buffer().writeZero(1));
        Frame frame = channel.readInbound();
        assertEquals(MAX_BYTES, frame.sizeBytes());
        frame.release();
        var third = new EmbeddedChannel(decoder());
        third.writeInbound(part);
        assertTrue(third.isOpen());
        third.finishAndReleaseAll();
        other.finishAndReleaseAll();
        assertTrue(memory.take(MAX_BYTES, MAX_BYTES));
    }

    @Test
    void memoryGoesBackWithTheRequest() {
        channel.writeInbound(Unpooled.buffer().writeInt(MAX_BYTES).writeZero(MAX_BYTES / 2));
        channel.writeInbound(Unpooled.buffer().writeZero(MAX_BYTES / 2));
        Frame frame = channel.readInbound();
        assertFalse(memory.take(MAX_BYTES, MAX_BYTES));
        frame.release();
        assertTrue(memory.take(MAX_BYTES, MAX_BYTES));
    }

    @Test
    void aFrameThatHasBegunIsReadIntoAndGrowsToWhatTheConnectionSentBefore() {
        var frames = channel.pipeline().get(FrameDecoder.class);
        assertNull(frames.target());
        for (int round = 0; round < 2; round++) {
            channel.writeInbound(Unpooled.buffer().writeInt(300_000).writeByte(1));
            int reads = 0;
            for (var target = frames.target(); target != null; target = frames.target()) {
                target.writeZero(target.writableBytes());
                channel.writeInbound(target.retain());
                reads++;
            }
            assertEquals(round == 0 ? 4 : 1, reads, "64, 128, 256, then 300 thousand bytes; then all at once");
            Frame frame = channel.readInbound();
            assertEquals(300_000, frame.sizeBytes());
            assertEquals(1, frame.bytes().refCnt());
            frame.release();
        }
        assertTrue(memory.take(3 * MAX_BYTES / 2, MAX_BYTES));
    }

    @Test
    void whatWasReadBeforeIsNotOvertaken() {
        channel.writeInbound(Unpooled.buffer().writeInt(300_000).writeByte(1));
        open = false;
        assertNull(channel.pipeline().get(FrameDecoder.class).target());
        channel.writeInbound(Unpooled.buffer().writeByte(2));
        open = true;
        assertNull(channel.pipeline().get(FrameDecoder.class).target());
    }

    @Test
    void whileNoneIsWantedFramesWaitAndNothingIsRead() {
        open = false;
        ByteBuf in = Unpooled.buffer();
        for (int i = 0; i < 3; i++) {
            in.writeInt(1).writeByte(i);
        }
        channel.writeInbound(in);
        assertNull(channel.readInbound());
        assertFalse(channel.config().isAutoRead());

        open = true;
        channel.pipeline().get(FrameDecoder.class).goOn();
        channel.runPendingTasks();
        assertTrue(channel.config().isAutoRead());
        for (int i = 0; i < 3; i++) {
            Frame frame = channel.readInbound();
            assertEquals(i, frame.bytes().getByte(0));
            frame.release();
        }
    }

    @Test
    void readingStopsOnlyWhenSomethingWaits() {
        var wanted = new AtomicBoolean(true);
        var one = new EmbeddedChannel(
                new FrameDecoder(MAX_BYTES, memory, () -> wanted.getAndSet(false), new ClosingLog()));
        one.writeInbound(Unpooled.buffer().writeInt(1).writeByte(7));
        Frame frame = one.readInbound();
        frame.release();
        assertTrue(one.config().isAutoRead());

        one.writeInbound(Unpooled.buffer().writeInt(1).writeByte(8));
        assertNull(one.readInbound());
        assertFalse(one.config().isAutoRead());
        one.finishAndReleaseAll();
    }

    @Test
    void whatWaitedIsReadWhenTheClientIsGoneAndDroppedWhenItIsRefused() {
        open = false;
        channel.writeInbound(Unpooled.buffer().writeInt(1).writeByte(7));
        channel.pipeline().fireChannelInactive();
        Frame frame = channel.readInbound();
        frame.release();

        var refused = new EmbeddedChannel(decoder());
        refused.writeInbound(Unpooled.buffer().writeInt(1).writeByte(7));
        refused.close();
        assertNull(refused.readInbound());
        refused.finishAndReleaseAll();
    }

    @Test
    void framesSurviveAnyCutting() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var sent = new ArrayList<byte[]>();
        ByteBuf stream = Unpooled.buffer();
        for (int i = 0; i < 50; i++) {
            byte[] body = new byte[random.nextInt(5) == 0 ? random.nextInt(200_000) : random.nextInt(50)];
            random.nextBytes(body);
            sent.add(body);
            stream.writeInt(body.length).writeBytes(body);
        }
        List<byte[]> received = new ArrayList<>();
        while (stream.isReadable()) {
            int size = random.nextBoolean() ? 1 + random.nextInt(8) : 1 + random.nextInt(70_000);
            channel.writeInbound(stream.readRetainedSlice(Math.min(size, stream.readableBytes())));
            for (Frame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
                received.add(ByteBufUtil.getBytes(frame.bytes()));
                frame.release();
            }
        }
        stream.release();
        assertEquals(sent.size(), received.size(), "seed " + seed);
        for (int i = 0; i < sent.size(); i++) {
            assertArrayEquals(sent.get(i), received.get(i), "seed " + seed);
        }
    }

    @Test
    void negativeAndOversizedLengthsCloseTheConnection() {
        for (int size : new int[] {-1, Integer.MIN_VALUE, MAX_BYTES + 1, Integer.MAX_VALUE}) {
            var one = new EmbeddedChannel(decoder());
            one.writeInbound(Unpooled.buffer().writeInt(size).writeBytes(new byte[100]));
            assertFalse(one.isActive());
            assertNull(one.readInbound());
            one.finishAndReleaseAll();
        }
    }

    @Test
    void aLargeSizeThatIsNeverSentCostsLittleMemory() {
        channel.writeInbound(Unpooled.buffer().writeInt(MAX_BYTES).writeByte(1));
        assertTrue(channel.isActive());
        assertNull(channel.readInbound());
    }

    @Test
    void foreignProtocolsAreNamed() {
        assertTrue(ForeignProtocol.explain(0x16030100).orElseThrow().contains("TLS"));
        assertTrue(ForeignProtocol.explain(bytes("GET ")).orElseThrow().contains("HTTP"));
        assertTrue(ForeignProtocol.explain(bytes("POST")).orElseThrow().contains("HTTP"));
        assertTrue(ForeignProtocol.explain(-1).isEmpty());
        assertTrue(ForeignProtocol.explain(42).isEmpty());
    }

    @Test
    void withoutMemoryForABufferNoRoomStaysTakenAndTheFailureIsTold() {
        var part = Unpooled.buffer().writeInt(MAX_BYTES).writeByte(1);
        channel.config().setAllocator(new NoMemory());
        assertThrows(InternalError.class, () -> channel.writeInbound(part));
        channel.close();
        assertTrue(memory.take(3 * MAX_BYTES / 2, MAX_BYTES));
    }

    @Test
    void aFailureAfterFramesWaitedIsToldAsWell() {
        open = false;
        channel.config().setAllocator(new NoMemory());
        channel.writeInbound(Unpooled.buffer().writeInt(MAX_BYTES).writeByte(1));
        open = true;
        channel.pipeline().get(FrameDecoder.class).goOn();
        channel.runPendingTasks();
        assertThrows(InternalError.class, channel::checkException);
    }

    @Test
    void aSocketIsReadSeveralTimesATurn() {
        var reads = (RecvByteBufAllocator.ExtendedHandle)
                new FrameReads(channel.pipeline().get(FrameDecoder.class)).newHandle();
        reads.reset(channel.config());
        for (int read = 1; read <= 16; read++) {
            reads.incMessagesRead(1);
            reads.attemptedBytesRead(1);
            reads.lastBytesRead(1);
            assertEquals(read < 16, reads.continueReading(() -> true));
        }
    }

    /** Fails with an error as Netty does, but one that JUnit survives. */
    private static final class NoMemory extends AbstractByteBufAllocator {
        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialBytes, int maxBytes) {
            throw new InternalError("none for a test");
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialBytes, int maxBytes) {
            throw new InternalError("none for a test");
        }
    }

    private static int bytes(String start) {
        return ByteBuffer.wrap(start.getBytes(StandardCharsets.US_ASCII)).getInt();
    }
}
