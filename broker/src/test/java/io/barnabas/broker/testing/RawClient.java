package io.barnabas.broker.testing;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.RequestHeader;
import io.barnabas.protocol.message.ResponseHeader;
import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.protocol.wire.WireReader;
import io.barnabas.protocol.wire.WireWriter;

/** A client that sends exactly what a test says: any API at any version, or raw bytes. Blocking; one thread. */
public final class RawClient implements AutoCloseable {
    private static final int READ_TIMEOUT_MS = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private int correlationId;

    public RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Sends a request and waits for its response. */
    public <R extends ApiMessage> R call(ApiMessage request, int version, Class<R> responseType) throws IOException {
        int sent = send(request, version);
        return receive(ApiKey.of(request.apiKey()).orElseThrow(), version, sent, responseType);
    }

    /** Sends a request; returns its correlation id. */
    public int send(ApiMessage request, int version) throws IOException {
        sendFrame(frame(request, version, ++correlationId));
        return correlationId;
    }

    public static byte[] frame(ApiMessage request, int version, int correlationId) {
        var api = ApiKey.of(request.apiKey()).orElseThrow();
        var writer = new WireWriter();
        new RequestHeader()
                .requestApiKey(api.id())
                .requestApiVersion((short) version)
                .correlationId(correlationId)
                .clientId("raw-client")
                .write(writer, api.requestHeaderVersion((short) version));
        request.write(writer, (short) version);
        return writer.toByteArray();
    }

    public void sendFrame(byte[] frame) throws IOException {
        sendRaw(ByteBuffer.allocate(Integer.BYTES + frame.length)
                .putInt(frame.length)
                .put(frame)
                .array());
    }

    public void sendRaw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    public <R extends ApiMessage> R receive(ApiKey api, int version, int correlationId, Class<R> type)
            throws IOException {
        var reader = new WireReader(receiveFrame());
        var header = ResponseHeader.read(reader, api.responseHeaderVersion((short) version));
        if (header.correlationId() != correlationId) {
            throw new IOException("Expected the response to " + correlationId + " but got " + header.correlationId());
        }
        var response = type.cast(api.readResponse(reader, (short) version));
        if (reader.remaining() > 0) {
            throw new IOException(reader.remaining() + " bytes after the end of " + response);
        }
        return response;
    }

    /** The next frame, or an EOFException if the broker closed the connection. */
    public ByteBuffer receiveFrame() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return ByteBuffer.wrap(frame);
    }

    /** Waits until the broker closes the connection; true if it did without sending anything more. */
    public boolean isClosedByBroker() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
