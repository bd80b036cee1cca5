package io.barnabas.broker.controlplane;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.barnabas.broker.time.Timer;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.BrokerHeartbeatRequest;
import io.barnabas.protocol.message.BrokerHeartbeatResponse;
import io.barnabas.protocol.message.BrokerRegistrationRequest;
import io.barnabas.protocol.message.BrokerRegistrationResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This broker's membership of the cluster: registers, then sends heartbeats until it is unfenced, and goes on with them. A
 * registration or heartbeat that fails is repeated. Stages and timer tasks may come on any thread; state is guarded by the object.
 */
public final class BrokerLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerLifecycle.class);
    private static final long RETRY_MS = 100;
    private static final long HEARTBEATS_MISSED = 5;

    private final ControllerLink controller;
    private final Timer timer;
    private final BrokerRegistrationRequest registration;
    private final long heartbeatMs;
    private final Supplier<List<Uuid>> offlineLogDirs;
    private final CompletableFuture<Void> unfenced = new CompletableFuture<>();
    private final CompletableFuture<Void> mayShutDown = new CompletableFuture<>();
    private volatile long epoch = -1;
    private volatile boolean alive;
    private volatile long answeredNanos;
    private boolean stopping;

    /**
     * @param heartbeatMs {@code broker.heartbeat.interval.ms}
     * @param offlineLogDirs ids of the log directories that have failed, told with each heartbeat (KIP-858)
     */
    public BrokerLifecycle(
            ControllerLink controller,
            Timer timer,
            BrokerRegistrationRequest registration,
            long heartbeatMs,
            Supplier<List<Uuid>> offlineLogDirs) {
        this.controller = controller;
        this.timer = timer;
        this.registration = registration;
        this.heartbeatMs = heartbeatMs;
        this.offlineLogDirs = offlineLogDirs;
    }

    /** Registers; the stage completes once the controller counts this broker among those alive. */
    public CompletionStage<Void> start() {
        register();
        return unfenced;
    }

    /** Of the current registration; -1 before the first. */
    public long epoch() {
        return epoch;
    }

    /** Whether the controller counts this broker among those alive, as far as its answers to the last few heartbeats tell. */
    public boolean isUnfenced() {
        return alive
                && System.nanoTime() - answeredNanos < TimeUnit.MILLISECONDS.toNanos(HEARTBEATS_MISSED * heartbeatMs);
    }

    /** Asks to leave; the stage completes once the controller has moved leadership away, as far as it can. */
    public synchronized CompletionStage<Void> stop() {
        stopping = true;
        if (epoch < 0) {
            mayShutDown.complete(null);
        } else {
            beat();
        }
        return mayShutDown;
    }

    private void register() {
        // A broker that names the epoch it had has lost nothing since.
        controller.register(registration.previousBrokerEpoch(epoch)).whenComplete(this::registered);
    }

    private synchronized void registered(BrokerRegistrationResponse response, Throwable failure) {
        ErrorCode error = failure != null ? ErrorCode.UNKNOWN_SERVER_ERROR : ErrorCode.of(response.errorCode());
        if (error == ErrorCode.NONE) {
            epoch = response.brokerEpoch();
            LOG.info("Registered broker {} with epoch {}", registration.brokerId(), epoch);
            beat();
        } else if (!stopping) {
            LOG.info(
                    "Registration was refused with {}; trying again in {} ms",
                    failure != null ? failure.toString() : error,
                    RETRY_MS);
            timer.schedule(RETRY_MS, this::register);
        }
    }

    private synchronized void beat() {
        var request = new BrokerHeartbeatRequest()
                .brokerId(registration.brokerId())
                .brokerEpoch(epoch)
                .currentMetadataOffset(controller.image().index())
                .wantFence(false)
                .offlineLogDirs(offlineLogDirs.get())
                .wantShutDown(stopping);
        controller.heartbeat(request).whenComplete(this::answered);
    }

    private synchronized void answered(BrokerHeartbeatResponse response, Throwable failure) {
        ErrorCode error = failure != null ? ErrorCode.UNKNOWN_SERVER_ERROR : ErrorCode.of(response.errorCode());
        answeredNanos = System.nanoTime();
        alive = error == ErrorCode.NONE && !response.isFenced();
        if (error == ErrorCode.STALE_BROKER_EPOCH && !stopping) {
            register();
            return;
        }
        if (alive) {
            unfenced.complete(null);
        }
        if (stopping && (error != ErrorCode.NONE || response.shouldShutDown())) {
            mayShutDown.complete(null);
            return;
        }
        timer.schedule(alive && !stopping ? heartbeatMs : Math.min(heartbeatMs, RETRY_MS), this::beat);
    }
}
