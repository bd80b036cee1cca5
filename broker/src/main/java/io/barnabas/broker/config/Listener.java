package io.barnabas.broker.config;

/**
 * One entry of listeners or advertised.listeners.
 *
 * @param name upper case, unique within the broker
 * @param host empty: every interface
 * @param port 0: any free port
 */
public record Listener(String name, String host, int port, SecurityProtocol protocol) {

    @Override
    public String toString() {
        return name + "://" + new HostPort(host, port);
    }
}
