package io.barnabas.compat.differential;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * One TCP connection to a broker that speaks in whole requests of any version, encoded and decoded by Kafka's own
 * generated classes, so that our codecs are never their own judge. Not thread-safe.
 */
public final class Connection implements AutoCloseable {
    private static final int TIMEOUT_MS = 30_000;

    private final Socket socket = new Socket();
    private final PushbackInputStream pushback;
    private final DataInputStream in;
    private int correlationId;

    public Connection(int port) {
        try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            pushback = new PushbackInputStream(socket.getInputStream());
            in = new DataInputStream(pushback);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request and returns its response. */
    public ApiMessage exchange(ApiMessage request, short version) {
        int id = send(request, version);
        return receive(request.apiKey(), version, id);
    }

    /** Sends without waiting; returns the correlation id for {@link #receive}. */
    public int send(ApiMessage request, short version) {
        int id = ++correlationId;
        sendFrame(frame(request, version, id, "differential"));
        return id;
    }

    /** Reads the next response, which must be the one to {@code id}. */
    public ApiMessage receive(short apiKey, short version, int id) {
        ByteBuffer frame = receiveFrame();
        if (frame == null) {
            throw new IllegalStateException("the broker closed the connection instead of answering");
        }
        ApiMessageType type = ApiMessageType.fromApiKey(apiKey);
        ByteBufferAccessor accessor = new ByteBufferAccessor(frame);
        ResponseHeaderData header = new ResponseHeaderData(accessor, type.responseHeaderVersion(version));
        if (header.correlationId() != id) {
            throw new IllegalStateException("correlation id " + header.correlationId() + " instead of " + id);
        }
        ApiMessage response = type.newResponse();
        response.read(accessor, version);
        if (frame.hasRemaining()) {
            throw new IllegalStateException(frame.remaining() + " bytes left after " + type.name + " v" + version);
        }
        return response;
    }

    /** Whole bytes of a request, with its length in front. */
    public static ByteBuffer frame(ApiMessage request, short version, int correlationId, String clientId) {
        ApiMessageType type = ApiMessageType.fromApiKey(request.apiKey());
        short headerVersion = type.requestHeaderVersion(version);
        RequestHeaderData header = new RequestHeaderData()
                .setRequestApiKey(request.apiKey())
                .setRequestApiVersion(version)
                .setCorrelationId(correlationId)
                .setClientId(clientId);
        ObjectSerializationCache cache = new ObjectSerializationCache();
        int size = header.size(cache, headerVersion) + request.size(cache, version);
        ByteBuffer frame = ByteBuffer.allocate(4 + size).putInt(size);
        ByteBufferAccessor accessor = new ByteBufferAccessor(frame);
        header.write(accessor, cache, headerVersion);
        request.write(accessor, cache, version);
        return frame.flip();
    }

    /** Sends bytes as they are. */
    public void sendFrame(ByteBuffer frame) {
        try {
            byte[] bytes = new byte[frame.remaining()];
            frame.get(bytes);
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next frame without its length, or null when the broker closed the connection. */
    public ByteBuffer receiveFrame() {
        try {
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            return ByteBuffer.wrap(bytes);
        } catch (EOFException | SocketException closed) {
            return null;
        } catch (SocketTimeoutException silent) {
            throw new IllegalStateException("no answer within " + TIMEOUT_MS + " ms", silent);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** True when nothing arrives within the time: a response that must not come, or a parked request. */
    public boolean staysSilent(int millis) {
        try {
            socket.setSoTimeout(millis);
            int first = pushback.read();
            if (first >= 0) {
                pushback.unread(first);
            }
            return false;
        } catch (SocketTimeoutException silent) {
            return true;
        } catch (IOException e) {
            return false;
        } finally {
            try {
                socket.setSoTimeout(TIMEOUT_MS);
            } catch (SocketException closed) {
                // The next read tells.
            }
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
