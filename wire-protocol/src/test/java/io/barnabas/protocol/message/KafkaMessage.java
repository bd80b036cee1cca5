package io.barnabas.protocol.message;

import java.nio.ByteBuffer;

import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.Schema;

/** The class that Apache Kafka itself generated from a schema: the judge of ours. */
record KafkaMessage(Class<? extends Message> type) {
    private static final String[] PACKAGES = {
        "org.apache.kafka.common.message.",
        "org.apache.kafka.common.metadata.",
        "org.apache.kafka.coordinator.group.generated.",
        "org.apache.kafka.coordinator.transaction.generated.",
        "org.apache.kafka.coordinator.share.generated.",
        "org.apache.kafka.server.log.remote.metadata.storage.generated."
    };

    static KafkaMessage of(String schemaName) {
        for (var javaPackage : PACKAGES) {
            for (var ending : new String[] {"Data", ""}) {
                try {
                    return new KafkaMessage(
                            Class.forName(javaPackage + schemaName + ending).asSubclass(Message.class));
                } catch (ClassNotFoundException | ClassCastException e) {
                    // The next name, then.
                }
            }
        }
        throw new AssertionError("Kafka has no class for " + schemaName);
    }

    Schema schema(short version) throws ReflectiveOperationException {
        return ((Schema[]) type.getField("SCHEMAS").get(null))[version];
    }

    Message create() throws ReflectiveOperationException {
        return type.getConstructor().newInstance();
    }

    Message read(byte[] bytes, short version) throws ReflectiveOperationException {
        var message = create();
        message.read(new ByteBufferAccessor(ByteBuffer.wrap(bytes)), version);
        return message;
    }

    static byte[] write(Message message, short version) {
        var cache = new ObjectSerializationCache();
        var buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return buffer.array();
    }
}
