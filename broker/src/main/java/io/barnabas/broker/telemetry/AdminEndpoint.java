package io.barnabas.broker.telemetry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * /metrics, /healthz and /readyz (200, or 503 and a sentence that says what is wrong), and further pages of text, over plain HTTP, for
 * GET and HEAD. Two daemon threads; at most 32 requests wait, further connections are dropped; slow clients are cut off after 10 s.
 */
public final class AdminEndpoint implements AutoCloseable {

    private static final int THREADS = 2;
    private static final int WAITING_REQUESTS = 32;
    /** What the JDK's server wants to hear of an answer to HEAD; it warns of any length. */
    private static final int NO_BODY = -1;

    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

    private static final String BUSY = "Another page has not come to its end yet.";

    private final HttpServer server;
    private final ExecutorService threads;
    private final Telemetry telemetry;
    private final Supplier<Optional<String>> unhealthy;
    private final Supplier<Optional<String>> notReady;
    private final MetricsPage page;
    private final Pages pages;

    /** Further pages. Asked on the endpoint's threads, one at a time and not during a scrape; may wait for a few seconds. */
    public interface Pages {
        /**
         * Both as they were sent, with their escapes.
         *
         * @param query null if there is none
         * @return null if there is no such page
         */
        Answer page(String path, String query);

        /** @param text lines, without the last line's end */
        record Answer(int status, String text) {}
    }

    private AdminEndpoint(
            HttpServer server,
            ExecutorService threads,
            Telemetry telemetry,
            Supplier<Optional<String>> unhealthy,
            Supplier<Optional<String>> notReady,
            Pages pages) {
        this.server = server;
        this.threads = threads;
        this.telemetry = telemetry;
        this.page = new MetricsPage(telemetry);
        this.unhealthy = unhealthy;
        this.notReady = notReady;
        this.pages = pages;
    }

    /**
     * Opens the endpoint. Call it from a daemon thread once the broker takes clients: it loads some 200 classes.
     *
     * @param port 0: any free one
     * @param unhealthy why /healthz is 503; empty if it is not. Asked on the endpoint's threads, and may wait for a few seconds
     * @param notReady the same for /readyz
     * @param pages what there is besides
     * @throws IOException if the port cannot be opened; the broker then runs without the endpoint and says so
     */
    public static AdminEndpoint open(
            String host,
            int port,
            Telemetry telemetry,
            Supplier<Optional<String>> unhealthy,
            Supplier<Optional<String>> notReady,
            Pages pages)
            throws IOException {
        limit("sun.net.httpserver.maxReqTime", "10");
        limit("sun.net.httpserver.maxRspTime", "10");
        limit("sun.net.httpserver.maxIdleConnections", "16");
        var address = host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
        var server = HttpServer.create(address, WAITING_REQUESTS);
        var threads = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING_REQUESTS), task -> {
                    var thread = new Thread(task, "admin-http");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        var endpoint = new AdminEndpoint(server, threads, telemetry, unhealthy, notReady, pages);
        server.createContext("/", endpoint::answer);
        server.setExecutor(threads);
        server.start();
        return endpoint;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET") && !isHead(exchange)) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                text(exchange, 405, "Only GET and HEAD are served here.");
                return;
            }
            switch (exchange.getRequestURI().getPath()) {
                case "/metrics" -> metrics(exchange);
                case "/healthz" -> status(exchange, unhealthy.get(), "ok");
                case "/readyz" -> status(exchange, notReady.get(), "ready");
                default -> page(exchange);
            }
        }
    }

    private void page(HttpExchange exchange) throws IOException {
        if (!telemetry.beginCollecting()) {
            text(exchange, 503, BUSY);
            return;
        }
        Pages.Answer answer;
        try {
            var uri = exchange.getRequestURI();
            answer = pages.page(uri.getRawPath(), uri.getRawQuery());
        } finally {
            telemetry.endCollecting();
        }
        if (answer == null) {
            text(
                    exchange,
                    404,
                    "There are /metrics, /healthz, /readyz, /groups and /groups/NAME/rebalances; escape NAME as in any URL.");
        } else {
            text(exchange, answer.status(), answer.text());
        }
    }

    private void metrics(HttpExchange exchange) throws IOException {
        if (isHead(exchange)) {
            exchange.getResponseHeaders().set("Content-Type", METRICS);
            exchange.sendResponseHeaders(200, NO_BODY);
            return;
        }
        var body = page.text();
        if (body == null) {
            text(exchange, 503, BUSY);
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", METRICS);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    private static void status(HttpExchange exchange, Optional<String> problem, String fine) throws IOException {
        text(exchange, problem.isPresent() ? 503 : 200, problem.orElse(fine));
    }

    private static void text(HttpExchange exchange, int status, String text) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", TEXT);
        if (isHead(exchange)) {
            exchange.sendResponseHeaders(status, NO_BODY);
            return;
        }
        var body = (text + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private static boolean isHead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("HEAD");
    }

    private static void limit(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
