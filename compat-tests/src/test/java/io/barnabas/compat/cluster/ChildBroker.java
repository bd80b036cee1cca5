package io.barnabas.compat.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One broker in a JVM of its own, on loopback ports that were free a moment ago, with its data in a folder that
 * survives {@link #kill()} and {@link #stop()}. The same class runs Apache Kafka and Barnabas, from the same
 * {@code server.properties}: what differs is the {@link Product}.
 */
public final class ChildBroker implements AutoCloseable {
    private static final Duration START_DEADLINE = Duration.ofSeconds(90);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(60);

    private final Product product;
    private final Path home;
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final List<String> jvmOptions;
    private final int port;
    private Process process;

    /**
     * Prepares a broker without starting it.
     *
     * @param home an empty folder for configuration, data and output
     * @param overrides broker properties that replace the defaults of the tests
     */
    public ChildBroker(Product product, Path home, Map<String, String> overrides, List<String> jvmOptions)
            throws IOException {
        this.product = product;
        this.home = Files.createDirectories(home);
        this.jvmOptions = jvmOptions;
        int[] ports = freePorts(2);
        port = ports[0];
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("controller.quorum.voters", "1@127.0.0.1:" + ports[1]);
        properties.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + ports[1]);
        properties.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT");
        properties.put("inter.broker.listener.name", "PLAINTEXT");
        properties.put("log.dirs", home.resolve("data").toString());
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("share.coordinator.state.topic.replication.factor", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.putAll(product.properties());
        properties.putAll(overrides);
        for (var dir : dataDirs()) {
            Files.createDirectories(dir);
        }
        List<String> lines = new ArrayList<>();
        properties.forEach((key, value) -> lines.add(key + "=" + value));
        Files.write(configFile(), lines);
        product.format(dataDirs());
    }

    public static ChildBroker started(Product product, Path home, Map<String, String> overrides) throws IOException {
        ChildBroker broker = new ChildBroker(product, home, overrides, List.of());
        broker.start();
        return broker;
    }

    public Product product() {
        return product;
    }

    public int port() {
        return port;
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** The first of them. */
    public Path dataDir() {
        return dataDirs().get(0);
    }

    public List<Path> dataDirs() {
        return Stream.of(properties.get("log.dirs").split(",")).map(Path::of).toList();
    }

    public Path output() {
        return home.resolve("output.log");
    }

    public long pid() {
        return process.pid();
    }

    /** Starts the JVM and waits until it answers an ApiVersions request. */
    public void start() throws IOException {
        process = product.command(configFile(), jvmOptions)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()))
                .start();
        long deadline = System.nanoTime() + START_DEADLINE.toNanos();
        while (!answers()) {
            if (!process.isAlive()) {
                throw new IllegalStateException(
                        product + " exited with " + process.exitValue() + ":\n" + Files.readString(output()));
            }
            if (System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new IllegalStateException(product + " did not start:\n" + Files.readString(output()));
            }
            pause();
        }
    }

    /** SIGKILL, and waits until the process is gone. */
    public void kill() {
        process.destroyForcibly();
        await(process);
    }

    /** SIGTERM, and waits until the process is gone. */
    public int stop() {
        process.destroy();
        await(process);
        return process.exitValue();
    }

    @Override
    public void close() {
        if (process != null && process.isAlive()) {
            kill();
        }
    }

    private Path configFile() {
        return home.resolve("server.properties");
    }

    /** An ApiVersions v0 request by hand: a listening socket alone does not mean a broker that answers. */
    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            socket.setSoTimeout(5_000);
            ByteBuffer request =
                    ByteBuffer.allocate(14).putInt(10).putShort((short) 18).putShort((short) 0);
            request.putInt(1).putShort((short) -1);
            socket.getOutputStream().write(request.array());
            return socket.getInputStream().readNBytes(4).length == 4;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static void await(Process process) {
        try {
            if (!process.waitFor(STOP_DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("process " + process.pid() + " did not stop in " + STOP_DEADLINE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static int[] freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            int[] ports = new int[count];
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                sockets.add(socket);
                ports[i] = socket.getLocalPort();
            }
            return ports;
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
