package io.barnabas.compat.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

import org.apache.kafka.common.protocol.ApiMessage;

/**
 * A member of a group on a connection of its own, with its heartbeat and its commit ready-made. First it blocks ({@link #send},
 * {@link #receive}); once it is {@link #settled} it does not, and its answers have to be the same every time.
 */
final class RawMember implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES);
    private ByteBuffer heartbeat;
    private ByteBuffer commit;
    private byte[] heartbeatAnswer;
    private byte[] commitAnswer;

    RawMember(int port) throws IOException {
        channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    void send(ApiMessage request, int version) throws IOException {
        write(ByteBuffer.wrap(RawConnection.frame(request, (short) version)));
    }

    <T extends ApiMessage> T receive(ApiMessage request, int version) throws IOException {
        return RawConnection.decode(ByteBuffer.wrap(answer()), request.apiKey(), (short) version);
    }

    <T extends ApiMessage> T call(ApiMessage request, int version) throws IOException {
        send(request, version);
        return receive(request, version);
    }

    /** Sends both requests once and remembers the answers, which the caller has seen to be good ones. */
    void settled(ApiMessage heartbeat, int heartbeatVersion, ApiMessage commit, int commitVersion, Selector selector)
            throws IOException {
        this.heartbeat = ByteBuffer.wrap(RawConnection.frame(heartbeat, (short) heartbeatVersion));
        this.commit = ByteBuffer.wrap(RawConnection.frame(commit, (short) commitVersion));
        beat();
        heartbeatAnswer = answer();
        commit();
        commitAnswer = answer();
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, this);
    }

    void beat() throws IOException {
        write(heartbeat.duplicate());
    }

    void commit() throws IOException {
        write(commit.duplicate());
    }

    private void write(ByteBuffer frame) throws IOException {
        channel.write(frame);
        if (frame.hasRemaining()) {
            throw new IOException("the broker does not read");
        }
    }

    /** The next answer without its length. */
    private byte[] answer() throws IOException {
        while (true) {
            var whole = nextAnswer();
            if (whole != null) {
                return whole;
            }
            fill();
        }
    }

    private byte[] nextAnswer() {
        in.flip();
        byte[] whole = null;
        if (in.remaining() >= 4 && in.remaining() >= 4 + in.getInt(in.position())) {
            whole = new byte[in.getInt()];
            in.get(whole);
        }
        in.compact();
        return whole;
    }

    private void fill() throws IOException {
        if (channel.read(in) < 0) {
            throw new IOException("the broker closed the connection");
        }
    }

    /** Takes what answers are there; how many. */
    int answers() throws IOException {
        fill();
        int count = 0;
        for (var answer = nextAnswer(); answer != null; answer = nextAnswer()) {
            if (!Arrays.equals(answer, heartbeatAnswer) && !Arrays.equals(answer, commitAnswer)) {
                throw new IllegalStateException("a member is not settled any more: " + Arrays.toString(answer));
            }
            count++;
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
