package io.barnabas.metadata.quorum;

import java.nio.file.Path;

import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import com.alipay.sofa.jraft.storage.SnapshotStorage;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.local.LocalSnapshotStorage;

/** What one node keeps on its disk: log and vote in files of our own, snapshots in JRaft's directories. */
final class FileRaftStorage extends DefaultJRaftServiceFactory {
    private final FileRaftLog log;
    private final VoteFile vote;

    FileRaftStorage(Path logDirectory, Path voteDirectory, MetadataSpace space) {
        this.log = new FileRaftLog(logDirectory, space, FileRaftLog.SEGMENT_BYTES);
        this.vote = new VoteFile(voteDirectory, space);
    }

    FileRaftLog log() {
        return log;
    }

    VoteFile vote() {
        return vote;
    }

    @Override
    public LogStorage createLogStorage(String uri, RaftOptions raftOptions) {
        return log;
    }

    @Override
    public RaftMetaStorage createRaftMetaStorage(String uri, RaftOptions raftOptions) {
        return vote;
    }

    /** JRaft warns of a node that has no snapshot yet. */
    @Override
    public SnapshotStorage createSnapshotStorage(NodeOptions options) {
        return new LocalSnapshotStorage(options.getSnapshotUri(), null, options.getRaftOptions()) {
            @Override
            public SnapshotReader open() {
                return getLastSnapshotIndex() == 0 ? null : super.open();
            }
        };
    }
}
