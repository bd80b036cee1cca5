package io.barnabas.protocol.message;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import io.barnabas.protocol.wire.Message;
import io.barnabas.protocol.wire.WireReader;
import io.barnabas.protocol.wire.WireWriter;

/** All codecs that the generator wrote, found on disk, so that none can be forgotten. */
final class Codecs {
    record Codec(Class<? extends Message> type) {
        short lowest() throws ReflectiveOperationException {
            return type.getField("LOWEST_VERSION").getShort(null);
        }

        short highest() throws ReflectiveOperationException {
            return type.getField("HIGHEST_VERSION").getShort(null);
        }

        Message create() throws ReflectiveOperationException {
            return type.getConstructor().newInstance();
        }

        Message read(WireReader reader, short version) throws ReflectiveOperationException {
            try {
                return (Message)
                        type.getMethod("read", WireReader.class, short.class).invoke(null, reader, version);
            } catch (InvocationTargetException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                if (e.getCause() instanceof Error cause) {
                    throw cause;
                }
                throw e;
            }
        }

        Message read(byte[] bytes, short version) throws ReflectiveOperationException {
            var reader = new WireReader(ByteBuffer.wrap(bytes));
            var message = read(reader, version);
            if (reader.remaining() > 0) {
                throw new AssertionError(reader.remaining() + " bytes of " + this + " were not read");
            }
            return message;
        }

        @Override
        public String toString() {
            return type.getSimpleName();
        }
    }

    private Codecs() {}

    static List<Codec> all() throws IOException, URISyntaxException {
        var classes = Path.of(Message.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(name -> name.matches("io/barnabas/protocol/(message|metadata|coordinator)/\\w+\\.class"))
                    .map(name -> name.replace('/', '.').replaceAll("\\.class$", ""))
                    .map(Codecs::load)
                    .map(Codec::new)
                    .sorted(Comparator.comparing(Codec::toString))
                    .toList();
        }
    }

    static byte[] write(Message message, short version) {
        var writer = new WireWriter();
        message.write(writer, version);
        var bytes = writer.toByteArray();
        if (bytes.length != writer.sizeBytes()) {
            throw new AssertionError("the size of " + message + " is not its size");
        }
        return bytes;
    }

    private static Class<? extends Message> load(String name) {
        try {
            return Class.forName(name).asSubclass(Message.class);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
