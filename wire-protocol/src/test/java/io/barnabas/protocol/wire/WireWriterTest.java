package io.barnabas.protocol.wire;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

class WireWriterTest {
    @Test
    void recordsStayWhereTheyAre() {
        var large = ByteBuffer.allocateDirect(5_000);
        var writer = new WireWriter(16);
        writer.int32(7);
        writer.records(RecordBytes.of(large), true);
        writer.int16((short) 9);
        assertEquals(4 + 2 + 5_000 + 2, writer.sizeBytes());
        var chunks = writer.chunks();
        assertEquals(3, chunks.size());
        assertSame(large, ((Chunk.Bytes) chunks.get(1)).buffer());
        assertEquals(5_008, writer.toByteArray().length);
    }

    @Test
    void smallRecordsAreCopiedAndFilesAreNot() {
        var source = new FileSource() {
            @Override
            public FileChannel channel() {
                throw new AssertionError("nobody reads it here");
            }

            @Override
            public void release() {}
        };
        var writer = new WireWriter();
        writer.records(
                RecordBytes.of(
                        List.of(new Chunk.Bytes(ByteBuffer.wrap(new byte[10])), new Chunk.FileRange(source, 100, 20))),
                false);
        assertEquals(2, writer.chunks().size());
        assertEquals(34, writer.sizeBytes());
        assertThrows(IllegalStateException.class, writer::toByteArray);
    }

    @Test
    void taggedFieldsOfEverySize() {
        for (int size : new int[] {0, 1, 127, 128, 129, 16_383, 16_384, 70_000}) {
            var writer = new WireWriter(1);
            writer.unsignedVarint(1);
            int start = writer.beginTagged(3);
            writer.bytes(new byte[size]);
            writer.endTagged(start);
            writer.int8((byte) 42);
            var reader = new WireReader(writer.toByteBuffer());
            reader.skipTaggedFields();
            assertEquals(42, reader.int8(), "size " + size);
            assertEquals(0, reader.remaining());
        }
    }

    @Test
    void stringsAsTheJdkEncodesThem() {
        for (var text :
                List.of("", "plain", "naïve", "€uro", "😀 and more", "\uD800", "a\uDC00b", "\uD800\uD800\uDC00")) {
            var writer = new WireWriter(0);
            writer.string(text, false);
            var expected = text.getBytes(StandardCharsets.UTF_8);
            var bytes = writer.toByteArray();
            assertEquals(expected.length, bytes.length - 2, text);
            assertArrayEquals(expected, java.util.Arrays.copyOfRange(bytes, 2, bytes.length), text);
        }
        assertThrows(IllegalStateException.class, () -> new WireWriter().string("x".repeat(32_768), true));
    }
}
