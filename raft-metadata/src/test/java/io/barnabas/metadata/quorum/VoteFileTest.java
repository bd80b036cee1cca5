package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import com.alipay.sofa.jraft.entity.PeerId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class VoteFileTest {
    @TempDir
    Path directory;

    private VoteFile open() throws IOException {
        var vote = new VoteFile(directory, new MetadataSpace(directory, 0));
        vote.load();
        return vote;
    }

    @Test
    void remembersTermAndVote() throws IOException {
        var vote = open();
        assertEquals(0, vote.getTerm());
        assertTrue(vote.getVotedFor().isEmpty());
        assertTrue(vote.setTermAndVotedFor(7, NodeNames.of(3)));
        assertEquals(7, open().getTerm());
        assertEquals(NodeNames.of(3), open().getVotedFor());
        assertTrue(vote.setTermAndVotedFor(8, PeerId.emptyPeer()));
        assertEquals(8, open().getTerm());
        assertTrue(open().getVotedFor().isEmpty());
    }

    @Test
    void everyFlippedBitIsNoticed() throws IOException {
        open().setTermAndVotedFor(7, NodeNames.of(3));
        var file = directory.resolve(VoteFile.NAME);
        var whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length; at++) {
            var bytes = whole.clone();
            bytes[at] ^= 1;
            Files.write(file, bytes);
            assertThrows(RaftLogCorruptException.class, this::open);
        }
        Files.write(file, new byte[0]);
        assertThrows(RaftLogCorruptException.class, this::open);
    }
}
