package io.barnabas.broker.network;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.barnabas.broker.handler.FailureLog;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.HandlerRegistry;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.telemetry.Telemetry;
import io.barnabas.broker.testing.RawClient;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.HeartbeatRequest;
import io.barnabas.protocol.message.HeartbeatResponse;
import io.barnabas.protocol.message.MetadataRequest;
import io.barnabas.protocol.message.MetadataResponse;
import io.barnabas.protocol.message.ProduceRequest;
import io.barnabas.protocol.message.ProduceResponse;
import io.barnabas.protocol.wire.ApiMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** In which order and on which threads a connection's requests are handled: one I/O thread, and handlers that answer when told to. */
class RequestOrderIT {
    private static final long DEADLINE_S = 20;

    private final IoThreads threads = new IoThreads(1);
    private final NetworkServer server = new NetworkServer(threads, NetworkSettings.DEFAULTS);
    private final Held produce = new Held(ApiKey.PRODUCE);
    private final Held heartbeat = new Held(ApiKey.HEARTBEAT);
    private final Held metadata = new Held(ApiKey.METADATA);
    private int port;

    @BeforeEach
    void start() throws Exception {
        port = server.listen("PLAINTEXT", "127.0.0.1", 0);
        var registry = new HandlerRegistry(List.of(produce, heartbeat, metadata));
        server.serve(listener -> registry, new FailureLog(), new Telemetry());
    }

    @AfterEach
    void stop() {
        server.close();
        threads.close();
    }

    @Test
    void aRequestWaitsUntilTheOneBeforeIsAnswered() throws Exception {
        try (var client = new RawClient(port)) {
            int first = client.send(new HeartbeatRequest(), 4);
            int second = client.send(new HeartbeatRequest(), 4);
            var begun = heartbeat.next();
            assertNull(heartbeat.poll(), "handled before the one before was answered");
            begun.answer(new HeartbeatResponse().errorCode((short) 1));
            heartbeat.next().answer(new HeartbeatResponse().errorCode((short) 2));
            assertEquals(
                    1,
                    client.receive(ApiKey.HEARTBEAT, 4, first, HeartbeatResponse.class)
                            .errorCode());
            assertEquals(
                    2,
                    client.receive(ApiKey.HEARTBEAT, 4, second, HeartbeatResponse.class)
                            .errorCode());
        }
    }

    @Test
    void appendsAreUnderWayTogetherAndAnsweredInOrder() throws Exception {
        try (var client = new RawClient(port)) {
            int first = client.send(new ProduceRequest().acks((short) 1), 9);
            int second = client.send(new ProduceRequest().acks((short) 1), 9);
            int third = client.send(new HeartbeatRequest(), 4);
            var begun = produce.next();
            produce.next().answer(new ProduceResponse());
            assertNull(heartbeat.poll(), "handled before the appends were answered");
            begun.answer(new ProduceResponse());
            client.receive(ApiKey.PRODUCE, 9, first, ProduceResponse.class);
            client.receive(ApiKey.PRODUCE, 9, second, ProduceResponse.class);
            heartbeat.next().answer(new HeartbeatResponse());
            client.receive(ApiKey.HEARTBEAT, 4, third, HeartbeatResponse.class);
        }
    }

    @Test
    void whatMayTakeLongHoldsUpNobodyElse() throws Exception {
        try (var slow = new RawClient(port);
                var other = new RawClient(port)) {
            metadata.blocks = true;
            int sent = slow.send(new MetadataRequest().topics(null), 4);
            var begun = metadata.next();
            assertTrue(begun.thread.getName().startsWith("request-"), begun.thread.getName());
            int heard = other.send(new HeartbeatRequest(), 4);
            heartbeat.next().answer(new HeartbeatResponse());
            other.receive(ApiKey.HEARTBEAT, 4, heard, HeartbeatResponse.class);
            begun.answer(new MetadataResponse());
            slow.receive(ApiKey.METADATA, 4, sent, MetadataResponse.class);
        }
    }

    @Test
    void manySmallRequestsAreNotAnsweredAheadOfAClientThatDoesNotRead() throws Exception {
        var large = new MetadataResponse().clusterId("x".repeat(30_000));
        metadata.answersAtOnce = large;
        try (var client = new RawClient(port)) {
            byte[] frame = RawClient.frame(new MetadataRequest().topics(null), 4, 1);
            int count = 2_000;
            var all = ByteBuffer.allocate(count * (Integer.BYTES + frame.length));
            while (all.hasRemaining()) {
                all.putInt(frame.length).put(frame);
            }
            client.sendRaw(all.array());
            // The kernel takes some megabytes for the client; all 60 do not fit.
            metadata.awaitRest();
            assertTrue(metadata.handled < count, metadata.handled + " were answered without being read");
            for (int i = 0; i < count; i++) {
                assertTrue(client.receiveFrame().remaining() > 30_000);
            }
        }
    }

    @Test
    void anAppendThatNeedsNoAnswerIsDoneThoughItsClientIsGone() throws Exception {
        try (var client = new RawClient(port)) {
            client.send(new HeartbeatRequest(), 4);
            for (int i = 0; i < 3; i++) {
                client.send(new ProduceRequest().acks((short) 0), 9);
            }
            var begun = heartbeat.next();
            client.close();
            for (int i = 0; i < 3; i++) {
                produce.next();
            }
            begun.answer(new HeartbeatResponse());
        }
    }

    /** Whatever is under way on them. */
    @RepeatedTest(20)
    void allConnectionsEndWithTheServer() throws Exception {
        var clients = new ArrayList<RawClient>();
        try {
            for (int i = 0; i < 8; i++) {
                var client = new RawClient(port);
                clients.add(client);
                client.send(new HeartbeatRequest(), 4);
                if (i % 2 == 0) {
                    client.send(new MetadataRequest().topics(null), 4);
                }
            }
            for (int i = 0; i < 8; i++) {
                heartbeat.next();
            }
            var late = new Thread(() -> clients.forEach(client -> {
                try {
                    for (int i = 0; i < 50; i++) {
                        client.send(new MetadataRequest().topics(null), 4);
                    }
                } catch (IOException closed) {
                    // As it should be.
                }
            }));
            late.start();
            server.close();
            threads.close();
            late.join();
            for (var client : clients) {
                assertTrue(client.isClosedByBroker());
            }
        } finally {
            for (var client : clients) {
                client.close();
            }
        }
    }

    /** A handler that lets the test answer. */
    private static final class Held implements Handler<ApiMessage> {
        private final ApiKey api;
        private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
        private volatile boolean blocks;
        private volatile ApiMessage answersAtOnce;
        private volatile int handled;

        Held(ApiKey api) {
            this.api = api;
        }

        @Override
        public ApiKey api() {
            return api;
        }

        @Override
        public CompletionStage<? extends ApiMessage> handle(RequestContext context, ApiMessage request) {
            if (answersAtOnce != null) {
                handled++;
                return CompletableFuture.completedFuture(answersAtOnce);
            }
            var call = new Call(Thread.currentThread(), new CompletableFuture<>());
            calls.add(call);
            if (blocks) {
                call.answered.join();
            }
            return call.answered;
        }

        Call next() throws InterruptedException {
            var call = calls.poll(DEADLINE_S, TimeUnit.SECONDS);
            assertNotNull(
                    call,
                    "no request came: "
                            + Arrays.toString(
                                    Thread.getAllStackTraces().keySet().toArray()));
            return call;
        }

        /** One that came too early is there after a tenth of a second; if not, the test passes for the wrong reason, but never fails. */
        Call poll() throws InterruptedException {
            return calls.poll(100, TimeUnit.MILLISECONDS);
        }

        /** Until no more are handled. */
        void awaitRest() throws InterruptedException {
            for (int before = -1; before != handled; ) {
                before = handled;
                poll();
            }
        }
    }

    private record Call(Thread thread, CompletableFuture<ApiMessage> answered) {
        void answer(ApiMessage response) {
            answered.complete(response);
        }
    }
}
