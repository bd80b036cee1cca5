package io.barnabas.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.broker.config.Listener;
import io.barnabas.broker.config.SecurityProtocol;
import io.barnabas.broker.network.NetworkServer;

/**
 * The {@code listeners} of a broker and the ports that they got, for {@code advertised.listeners} to name. The thread that starts the
 * broker binds them.
 */
final class BoundListeners {
    private final BrokerConfig config;
    private final Map<String, Integer> ports = new LinkedHashMap<>();

    BoundListeners(BrokerConfig config) {
        this.config = config;
    }

    void refuseUnknownProtocols() {
        for (Listener listener : config.listeners()) {
            if (listener.protocol() != SecurityProtocol.PLAINTEXT) {
                throw new ConfigException("Listener " + listener + " asks for " + listener.protocol()
                        + ", but this version speaks PLAINTEXT only; change listener.security.protocol.map.");
            }
        }
    }

    /** Takes the ports; nobody is served yet. */
    void bind(NetworkServer network) throws IOException {
        for (Listener listener : config.listeners()) {
            ports.put(listener.name(), network.listen(listener.name(), listener.host(), listener.port()));
        }
    }

    /** The port a listener was bound to. */
    int port(String listenerName) {
        return ports.get(listenerName);
    }

    /** What clients are told; a port of 0 is the one that was bound. */
    List<Listener> advertised() {
        var advertised = new ArrayList<Listener>();
        for (Listener listener : config.advertisedListeners()) {
            int port = listener.port() != 0 ? listener.port() : ports.getOrDefault(listener.name(), 0);
            advertised.add(new Listener(listener.name(), hostOf(listener), port, listener.protocol()));
        }
        return advertised;
    }

    private static String hostOf(Listener listener) {
        if (!listener.host().isEmpty()) {
            return listener.host();
        }
        try {
            return InetAddress.getLocalHost().getCanonicalHostName();
        } catch (UnknownHostException e) {
            throw new BrokerStartException(
                    "Listener " + listener.name() + " names no host and this machine's own name does not resolve;"
                            + " set advertised.listeners.",
                    e);
        }
    }
}
