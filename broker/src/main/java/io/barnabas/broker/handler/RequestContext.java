package io.barnabas.broker.handler;

import java.net.InetAddress;
import java.util.concurrent.Executor;

import io.barnabas.protocol.ApiKey;

/**
 * Who asks, how, and over which connection.
 *
 * @param clientId null if the client gave none
 */
public record RequestContext(Connection connection, ApiKey api, short apiVersion, int correlationId, String clientId) {

    public String listenerName() {
        return connection.listenerName();
    }

    public InetAddress clientAddress() {
        return connection.clientAddress();
    }

    public String principal() {
        return connection.principal();
    }

    /** The connection's own thread, on which {@link Handler#handle} is called. */
    public Executor thread() {
        return connection.thread();
    }

    /** Names the request in a log line. */
    public String describe() {
        return api + " v" + apiVersion + " (correlation id " + correlationId + ", client id " + clientId + ", from "
                + clientAddress().getHostAddress() + ")";
    }
}
