package io.barnabas.metadata.quorum;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A listener whose state is the list of everything committed. */
final class RecordedLog implements QuorumListener {
    private final int nodeId;
    private final Witness witness;
    private final List<String> values = new ArrayList<>();
    private long lastIndex;
    private volatile long leadingTerm = -1;
    private volatile Throwable fatal;

    RecordedLog(int nodeId, Witness witness) {
        this.nodeId = nodeId;
        this.witness = witness;
    }

    RecordedLog() {
        this(1, new Witness());
    }

    synchronized List<String> values() {
        return List.copyOf(values);
    }

    /** -1 while it does not lead. */
    long leadingTerm() {
        return leadingTerm;
    }

    Throwable fatal() {
        return fatal;
    }

    @Override
    public synchronized void onCommitted(long index, long term, byte[] recordBatch) {
        var value = new String(recordBatch, StandardCharsets.UTF_8);
        if (value.equals("poison")) {
            throw new IllegalStateException("cannot fold poison");
        }
        witness.committed(nodeId, lastIndex, index, term, value);
        lastIndex = index;
        values.add(value);
    }

    @Override
    public void onLeaderStart(long term) {
        witness.leads(nodeId, term);
        leadingTerm = term;
    }

    @Override
    public void onLeaderStop() {
        leadingTerm = -1;
    }

    @Override
    public void onFollowing(int leaderId, long term) {
        witness.follows(nodeId, leaderId, term);
    }

    @Override
    public synchronized byte[] saveSnapshot() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeLong(lastIndex);
            out.writeInt(values.size());
            for (var value : values) {
                out.writeUTF(value);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public synchronized void loadSnapshot(byte[] snapshot) {
        values.clear();
        try (var in = new DataInputStream(new ByteArrayInputStream(snapshot))) {
            lastIndex = in.readLong();
            for (int count = in.readInt(); count > 0; count--) {
                values.add(in.readUTF());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onFatal(Throwable failure) {
        fatal = failure;
        witness.failed(nodeId, failure);
    }
}
