package io.barnabas.compat.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** A blocking connection that costs little: requests are bytes made before, answers are decoded only where that is asked for. */
final class RawConnection implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final Socket socket;
    private final Answers answers;
    private final DataInputStream in;
    private final OutputStream out;
    private byte[] buffer = new byte[BUFFER_BYTES];

    RawConnection(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        answers = new Answers(socket.getInputStream());
        in = new DataInputStream(answers);
        out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
    }

    /** A whole request frame. */
    static byte[] frame(ApiMessage request, short version) {
        var type = ApiMessageType.fromApiKey(request.apiKey());
        short headerVersion = type.requestHeaderVersion(version);
        var header = new RequestHeaderData()
                .setRequestApiKey(request.apiKey())
                .setRequestApiVersion(version)
                .setCorrelationId(1)
                .setClientId("bench");
        var cache = new ObjectSerializationCache();
        int size = header.size(cache, headerVersion) + request.size(cache, version);
        var frame = ByteBuffer.allocate(4 + size).putInt(size);
        var accessor = new ByteBufferAccessor(frame);
        header.write(accessor, cache, headerVersion);
        request.write(accessor, cache, version);
        return frame.array();
    }

    void send(byte[] frame) throws IOException {
        out.write(frame);
        out.flush();
    }

    /** The next answer's bytes without the length in front; valid until the next call. */
    ByteBuffer receive() throws IOException {
        int size = in.readInt();
        if (buffer.length < size) {
            buffer = new byte[size];
        }
        in.readFully(buffer, 0, size);
        return ByteBuffer.wrap(buffer, 0, size);
    }

    /**
     * Sends requests in turn, over and over, and receives as many answers. Those that answers at hand make room for are sent together:
     * the few cores are for the broker.
     *
     * @param underWay how many requests wait for their answers at a time
     * @param first is shown the first answer
     */
    void exchange(List<byte[]> frames, int count, int underWay, Consumer<ByteBuffer> first) throws IOException {
        int sent = 0;
        for (int received = 0; received < count; received++) {
            while (sent < count && sent - received < underWay) {
                out.write(frames.get(sent % frames.size()));
                sent++;
            }
            if (answers.mustBeWaitedFor()) {
                out.flush();
            }
            var answer = receive();
            if (received == 0) {
                first.accept(answer);
            }
        }
    }

    private static final class Answers extends BufferedInputStream {
        private Answers(InputStream in) {
            super(in, BUFFER_BYTES);
        }

        /** Without a system call. */
        private boolean mustBeWaitedFor() {
            return pos == count;
        }
    }

    /** A connection that sends what it was given, one of several with threads of their own. */
    @FunctionalInterface
    interface Sender {
        /** @param index from 0 */
        void send(int index) throws Exception;
    }

    /** Runs senders at once; how many seconds they took. */
    static double inParallel(int senders, Sender sender) throws Exception {
        var pool = Executors.newFixedThreadPool(senders);
        try {
            var tasks = IntStream.range(0, senders)
                    .<Callable<Void>>mapToObj(index -> () -> {
                        sender.send(index);
                        return null;
                    })
                    .toList();
            long startedNanos = System.nanoTime();
            for (var sent : pool.invokeAll(tasks)) {
                sent.get();
            }
            return (System.nanoTime() - startedNanos) / 1e9;
        } finally {
            pool.shutdown();
        }
    }

    @SuppressWarnings("unchecked")
    static <T extends ApiMessage> T decode(ByteBuffer answer, short apiKey, short version) {
        var type = ApiMessageType.fromApiKey(apiKey);
        var accessor = new ByteBufferAccessor(answer);
        new ResponseHeaderData(accessor, type.responseHeaderVersion(version));
        var response = type.newResponse();
        response.read(accessor, version);
        return (T) response;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
