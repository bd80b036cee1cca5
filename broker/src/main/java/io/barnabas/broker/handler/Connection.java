package io.barnabas.broker.handler;

import java.net.InetAddress;
import java.util.concurrent.Executor;

/**
 * One client connection as handlers see it. Created by the network; the client's software is set once it names itself
 * (ApiVersions v3+, KIP-511).
 */
public final class Connection {
    /** What every client is called while nothing authenticates it. */
    public static final String ANONYMOUS = "User:ANONYMOUS";

    private final long id;
    private final String listenerName;
    private final InetAddress clientAddress;
    private final Executor thread;
    private volatile String softwareName = "unknown";
    private volatile String softwareVersion = "unknown";

    public Connection(long id, String listenerName, InetAddress clientAddress, Executor thread) {
        this.id = id;
        this.listenerName = listenerName;
        this.clientAddress = clientAddress;
        this.thread = thread;
    }

    /** Unique within this broker's life. */
    public long id() {
        return id;
    }

    /** Name of the listener the client came in on: endpoints in answers are those of this listener. */
    public String listenerName() {
        return listenerName;
    }

    public InetAddress clientAddress() {
        return clientAddress;
    }

    public String principal() {
        return ANONYMOUS;
    }

    /** Runs tasks on the connection's own thread. Tasks must not block. */
    public Executor thread() {
        return thread;
    }

    public String softwareName() {
        return softwareName;
    }

    public String softwareVersion() {
        return softwareVersion;
    }

    public void software(String name, String version) {
        softwareName = name;
        softwareVersion = version;
    }
}
