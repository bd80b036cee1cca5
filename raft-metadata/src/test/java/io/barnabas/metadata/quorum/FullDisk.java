package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** A metadata directory on a disk of a certain size, counted in bytes of the files there and of what others have written. */
final class FullDisk extends MetadataSpace {
    private final Path directory;
    private final long sizeBytes;
    private volatile long othersBytes;

    FullDisk(Path directory, long reserveBytes, long sizeBytes) {
        super(directory, reserveBytes);
        this.directory = directory;
        this.sizeBytes = sizeBytes;
    }

    /** Other programs write all there is. */
    void fill() {
        othersBytes += usableBytes();
    }

    /** And delete it. */
    void free() {
        othersBytes = 0;
    }

    @Override
    long usableBytes() {
        return sizeBytes - othersBytes - usedBytes(directory);
    }

    private static long usedBytes(Path path) {
        try {
            if (!Files.isDirectory(path)) {
                return Files.size(path);
            }
            try (var found = Files.list(path)) {
                return found.mapToLong(FullDisk::usedBytes).sum();
            }
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    FileChannel channel(Path path, OpenOption... options) throws IOException {
        return new Limited(FileChannel.open(path, options));
    }

    private final class Limited extends FileChannel {
        private final FileChannel channel;

        Limited(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            long usable = usableBytes();
            long grows = position + from.remaining() - channel.size();
            if (grows <= usable) {
                return channel.write(from, position);
            }
            int fits = (int) (from.remaining() - grows + usable);
            if (fits <= 0) {
                throw new IOException("No space left on device");
            }
            int written = channel.write(from.slice(from.position(), fits), position);
            from.position(from.position() + written);
            return written;
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return channel.read(into, position);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            channel.truncate(size);
            return this;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            channel.force(metaData);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            channel.close();
        }

        @Override
        public int write(ByteBuffer from) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(ByteBuffer into) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] into, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
