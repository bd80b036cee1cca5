package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.entity.EnumOutter.ErrorType;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.option.RaftMetaStorageOptions;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which term it is and whom this node voted for in it: a node that forgot could vote twice. The file {@code vote} holds "BARNVOT1", the
 * CRC-32C of the rest (int32), the term (int64) and the name of whom it voted for (UTF-8, may be empty), and is replaced at once. JRaft
 * calls this under its own lock; {@link #term} may be read on any thread.
 */
final class VoteFile implements RaftMetaStorage {
    static final String NAME = "vote";

    private static final Logger LOG = LoggerFactory.getLogger(VoteFile.class);
    private static final long MAGIC = 0x4241524e564f5431L;
    private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;

    private final Path file;
    private final MetadataSpace space;
    private NodeImpl node;
    private volatile long term;
    private PeerId votedFor = PeerId.emptyPeer();

    VoteFile(Path directory, MetadataSpace space) {
        this.file = directory.resolve(NAME);
        this.space = space;
    }

    long term() {
        return term;
    }

    /**
     * Reads the file, if there is one; comes before {@link #init}.
     *
     * @throws RaftLogCorruptException if it is not what was written
     */
    void load() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        var content = ByteBuffer.wrap(Files.readAllBytes(file));
        boolean sound = content.remaining() >= HEADER_BYTES + Long.BYTES
                && content.getLong() == MAGIC
                && content.getInt() == crcOf(content);
        var voted = new PeerId();
        if (sound) {
            term = content.getLong();
            var name = StandardCharsets.UTF_8.decode(content).toString();
            sound = name.isEmpty() || voted.parse(name);
        }
        if (!sound) {
            throw new RaftLogCorruptException(
                    file + " is damaged, so that nobody knows whom this node voted for. Restore this"
                            + " node's metadata directory from a backup, or, where other voters are up to date, let it join anew.");
        }
        votedFor = voted;
    }

    @Override
    public boolean init(RaftMetaStorageOptions options) {
        node = options.getNode();
        return true;
    }

    private boolean save(long newTerm, PeerId newVote) {
        term = newTerm;
        votedFor = newVote.copy();
        var name = newVote.isEmpty() ? new byte[0] : newVote.toString().getBytes(StandardCharsets.UTF_8);
        var content = ByteBuffer.allocate(HEADER_BYTES + Long.BYTES + name.length);
        content.putLong(MAGIC).putInt(0).putLong(newTerm).put(name);
        content.putInt(Long.BYTES, crcOf(content.flip().slice(HEADER_BYTES, Long.BYTES + name.length)));
        try {
            space.replace(file, content);
            return true;
        } catch (IOException e) {
            if (e instanceof MetadataDiskFullException) {
                LOG.error("{} cannot be written: {}", file, e.getMessage());
            } else {
                LOG.error("{} cannot be written", file, e);
            }
            node.onError(
                    new RaftException(ErrorType.ERROR_TYPE_META, RaftError.EIO, "%s cannot be written: %s", file, e));
            return false;
        }
    }

    private static int crcOf(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    @Override
    public boolean setTerm(long newTerm) {
        return save(newTerm, votedFor);
    }

    @Override
    public long getTerm() {
        return term;
    }

    @Override
    public boolean setVotedFor(PeerId peer) {
        return save(term, peer);
    }

    @Override
    public PeerId getVotedFor() {
        return votedFor;
    }

    @Override
    public boolean setTermAndVotedFor(long newTerm, PeerId peer) {
        return save(newTerm, peer);
    }

    @Override
    public void shutdown() {}
}
