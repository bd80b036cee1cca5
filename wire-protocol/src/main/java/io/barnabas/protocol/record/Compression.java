package io.barnabas.protocol.record;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.xxhash.XXHashFactory;
import org.xerial.snappy.SnappyOutputStream;

/** The codecs of record batches, with Kafka's ids, names and levels. */
public enum Compression {
    NONE("none", 0, 0, 0),
    GZIP("gzip", Deflater.DEFAULT_COMPRESSION, Deflater.BEST_SPEED, Deflater.BEST_COMPRESSION),
    SNAPPY("snappy", 0, 0, 0),
    LZ4("lz4", 9, 1, 17),
    ZSTD("zstd", 3, -131072, 22);

    private static final Compression[] BY_ID = values();
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int GZIP_BUFFER_BYTES = 8 * 1024;

    private final String configName;
    private final int defaultLevel;
    private final int minLevel;
    private final int maxLevel;

    Compression(String configName, int defaultLevel, int minLevel, int maxLevel) {
        this.configName = configName;
        this.defaultLevel = defaultLevel;
        this.minLevel = minLevel;
        this.maxLevel = maxLevel;
    }

    /** @throws CorruptRecordsException if no codec has the id */
    public static Compression of(int id) {
        if (id < 0 || id >= BY_ID.length) {
            throw new CorruptRecordsException("Unknown compression type id: " + id);
        }
        return BY_ID[id];
    }

    /** What the low three bits of a batch's attributes hold. */
    public byte id() {
        return (byte) ordinal();
    }

    /** As in {@code compression.type}. */
    public String configName() {
        return configName;
    }

    public int defaultLevel() {
        return defaultLevel;
    }

    public int minLevel() {
        return minLevel;
    }

    public int maxLevel() {
        return maxLevel;
    }

    /** Whether a level is one this codec has; true for the default level of a codec without levels. */
    public boolean accepts(int level) {
        return level == defaultLevel || level >= minLevel && level <= maxLevel;
    }

    /**
     * The content of a compressed buffer, from its position to its limit; the buffer's position does not move. Close the
     * stream: zstd holds native memory until then. Damaged data makes it throw {@link IOException}.
     */
    public InputStream decompress(ByteBuffer compressed) throws IOException {
        var in = compressed.slice();
        return switch (this) {
            case NONE -> new BufferInputStream(in);
            case GZIP -> new GZIPInputStream(new BufferInputStream(in), GZIP_BUFFER_BYTES);
            case SNAPPY -> new SnappyBlocks(in);
            case LZ4 -> new Lz4Frames(in);
            case ZSTD -> new ZstdInputStreamNoFinalizer(new BufferInputStream(in), RecyclingBufferPool.INSTANCE);
        };
    }

    /**
     * Compresses what is written into {@code out}; complete once closed.
     *
     * @param level between {@link #minLevel} and {@link #maxLevel}, or {@link #defaultLevel}; ignored by NONE and SNAPPY
     */
    public OutputStream compress(OutputStream out, int level) throws IOException {
        return switch (this) {
            case NONE -> out;
            case GZIP -> new BufferedOutputStream(new LevelledGzip(out, level), BUFFER_BYTES);
            case SNAPPY -> new SnappyOutputStream(out);
            case LZ4 ->
                new LZ4FrameOutputStream(
                        out,
                        LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB,
                        -1L,
                        lz4Compressor(level),
                        XXHashFactory.fastestInstance().hash32(),
                        LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE);
            case ZSTD ->
                new BufferedOutputStream(
                        new ZstdOutputStreamNoFinalizer(out, RecyclingBufferPool.INSTANCE, level), BUFFER_BYTES);
        };
    }

    private static LZ4Compressor lz4Compressor(int level) {
        var factory = LZ4Factory.fastestInstance();
        return level == LZ4.defaultLevel ? factory.fastCompressor() : factory.highCompressor(level);
    }

    private static final class LevelledGzip extends GZIPOutputStream {
        LevelledGzip(OutputStream out, int level) throws IOException {
            super(out, GZIP_BUFFER_BYTES);
            def.setLevel(level);
        }
    }
}
