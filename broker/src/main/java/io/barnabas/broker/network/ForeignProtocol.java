package io.barnabas.broker.network;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/** Recognises clients that speak something else, by the four bytes where Kafka has the size of a request. */
final class ForeignProtocol {
    private static final Set<String> HTTP_STARTS =
            Set.of("GET ", "POST", "PUT ", "HEAD", "DELE", "OPTI", "PATC", "CONN", "TRAC", "PRI ");
    private static final int TLS_HANDSHAKE = 0x16;
    private static final int TLS_MAJOR = 0x03;

    private ForeignProtocol() {}

    /** One sentence for the log, or empty if the bytes tell nothing. */
    static Optional<String> explain(int firstBytes) {
        if (firstBytes >>> 24 == TLS_HANDSHAKE && (firstBytes >>> 16 & 0xff) == TLS_MAJOR) {
            return Optional.of("it began a TLS handshake, but this listener is PLAINTEXT;"
                    + " set security.protocol=PLAINTEXT in the client or use a TLS listener");
        }
        byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt(firstBytes).array();
        if (HTTP_STARTS.contains(new String(bytes, StandardCharsets.US_ASCII))) {
            return Optional.of("it sent an HTTP request, but this port speaks the Kafka protocol;"
                    + " metrics and health are on admin.listeners");
        }
        return Optional.empty();
    }
}
