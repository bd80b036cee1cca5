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
    private final Supplier<List<Uuid>> cordonedLogDirs;
    private final CompletableFuture<Void> unfenced = new CompletableFuture<>();
    private final CompletableFuture<Void> mayShutDown = new CompletableFuture<>();
    private volatile long epoch = -1;
    private volatile boolean alive;
    private volatile long answeredNanos;
    private boolean stopping;
    /** Heartbeats so far; the answer to the last one sets when the next is due. */
    private long beats;

    private Timer.Deadline nextBeat;

    /**
     * @param heartbeatMs {@code broker.heartbeat.interval.ms}
     * @param offlineLogDirs ids of the log directories that have failed, told with each heartbeat (KIP-858)
     * @param cordonedLogDirs ids of those that take no new replicas, told likewise (KIP-1066)
     */
    public BrokerLifecycle(
            ControllerLink controller,
            Timer timer,
            BrokerRegistrationRequest registration,
            long heartbeatMs,
            Supplier<List<Uuid>> offlineLogDirs,
            Supplier<List<Uuid>> cordonedLogDirs) {
        this.controller = controller;
        this.timer = timer;
        this.registration = registration;
        this.heartbeatMs = heartbeatMs;
        this.offlineLogDirs = offlineLogDirs;
        this.cordonedLogDirs = cordonedLogDirs;
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

    /** Has the controller told what has changed with a heartbeat of its own, before anything that it is asked from now on. */
    public synchronized void tell() {
        if (epoch >= 0 && !stopping) {
            beat();
        }
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
        if (nextBeat != null) {
            nextBeat.cancel();
            nextBeat = null;
        }
        long beat = ++beats;
        var request = new BrokerHeartbeatRequest()
                .brokerId(registration.brokerId())
                .brokerEpoch(epoch)
                .currentMetadataOffset(controller.image().index())
                .wantFence(false)
                .offlineLogDirs(offlineLogDirs.get())
                .cordonedLogDirs(cordonedLogDirs.get())
                .wantShutDown(stopping);
        controller.heartbeat(request).whenComplete((response, failure) -> answered(beat, response, failure));
    }

    private synchronized void answered(long beat, BrokerHeartbeatResponse response, Throwable failure) {
        ErrorCode error = failure != null ? ErrorCode.UNKNOWN_SERVER_ERROR : ErrorCode.of(response.errorCode());
        answeredNanos = System.nanoTime();
        alive = error == ErrorCode.NONE && !response.isFenced();
        boolean isLatest = beat == beats;
        if (error == ErrorCode.STALE_BROKER_EPOCH && !stopping) {
            if (isLatest) {
                register();
            }
            return;
        }
        if (alive) {
            unfenced.complete(null);
        }
        if (stopping && (error != ErrorCode.NONE || response.shouldShutDown())) {
            mayShutDown.complete(null);
            return;
        }
        if (isLatest) {
            nextBeat = timer.schedule(alive && !stopping ? heartbeatMs : Math.min(heartbeatMs, RETRY_MS), this::beat);
        }
    }
}
