package io.barnabas.metadata.controller;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.barnabas.protocol.metadata.AbortTransactionRecord;
import io.barnabas.protocol.metadata.AccessControlEntryRecord;
import io.barnabas.protocol.metadata.BeginTransactionRecord;
import io.barnabas.protocol.metadata.BrokerRegistrationChangeRecord;
import io.barnabas.protocol.metadata.ClearElrRecord;
import io.barnabas.protocol.metadata.ClientQuotaRecord;
import io.barnabas.protocol.metadata.ConfigRecord;
import io.barnabas.protocol.metadata.DelegationTokenRecord;
import io.barnabas.protocol.metadata.EndTransactionRecord;
import io.barnabas.protocol.metadata.FeatureLevelRecord;
import io.barnabas.protocol.metadata.FenceBrokerRecord;
import io.barnabas.protocol.metadata.NoOpRecord;
import io.barnabas.protocol.metadata.PartitionChangeRecord;
import io.barnabas.protocol.metadata.PartitionRecord;
import io.barnabas.protocol.metadata.ProducerIdsRecord;
import io.barnabas.protocol.metadata.RegisterBrokerRecord;
import io.barnabas.protocol.metadata.RegisterControllerRecord;
import io.barnabas.protocol.metadata.RemoveAccessControlEntryRecord;
import io.barnabas.protocol.metadata.RemoveDelegationTokenRecord;
import io.barnabas.protocol.metadata.RemoveTopicRecord;
import io.barnabas.protocol.metadata.RemoveUserScramCredentialRecord;
import io.barnabas.protocol.metadata.TopicRecord;
import io.barnabas.protocol.metadata.UnfenceBrokerRecord;
import io.barnabas.protocol.metadata.UnregisterBrokerRecord;
import io.barnabas.protocol.metadata.UserScramCredentialRecord;
import io.barnabas.protocol.metadata.ZkMigrationStateRecord;
import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.protocol.wire.MalformedMessageException;
import io.barnabas.protocol.wire.WireReader;
import io.barnabas.protocol.wire.WireWriter;

/**
 * Metadata records as the Raft log and snapshots hold them. All numbers of the frame are unsigned varints:
 *
 * <pre>schema version (1 byte, now 1) · number of records · per record: API key · version · length · body as Kafka encodes it</pre>
 *
 * Stateless, any thread.
 */
public final class RecordBatchCodec {
    private static final byte SCHEMA_VERSION = 1;
    /** API key, version and length of an empty record. */
    private static final int LEAST_RECORD_BYTES = 3;

    private RecordBatchCodec() {}

    /** Each record in its newest version. */
    public static byte[] encode(List<? extends ApiMessage> records) {
        var frame = new Frame(64 + 64 * records.size());
        frame.put(SCHEMA_VERSION);
        frame.putVarint(records.size());
        for (var record : records) {
            short version = record.highestVersion();
            var body = new WireWriter(128);
            record.write(body, version);
            var bytes = body.toByteArray();
            frame.putVarint(record.apiKey());
            frame.putVarint(version);
            frame.putVarint(bytes.length);
            frame.put(bytes);
        }
        return frame.toByteArray();
    }

    /**
     * The records of a batch.
     *
     * @throws MalformedMessageException if these bytes are not a whole batch, or were written by a newer version
     */
    public static List<ApiMessage> decode(byte[] batch) {
        var frame = ByteBuffer.wrap(batch);
        byte schema = frame.hasRemaining() ? frame.get() : 0;
        if (schema != SCHEMA_VERSION) {
            throw new MalformedMessageException("A metadata batch has schema version " + schema + ", but this version"
                    + " reads " + SCHEMA_VERSION + " only");
        }
        int count = varint(frame);
        if (count > frame.remaining() / LEAST_RECORD_BYTES) {
            throw new MalformedMessageException(
                    "A metadata batch of " + batch.length + " bytes cannot hold " + count + " records");
        }
        var records = new ArrayList<ApiMessage>(count);
        for (int i = 0; i < count; i++) {
            int apiKey = varint(frame);
            int version = varint(frame);
            int length = varint(frame);
            if (length > frame.remaining()) {
                throw new MalformedMessageException(
                        "A metadata record of " + length + " bytes has only " + frame.remaining() + " left");
            }
            var reader = new WireReader(frame.slice(frame.position(), length));
            records.add(read(apiKey, version, reader));
            if (reader.remaining() != 0) {
                throw new MalformedMessageException(
                        "A metadata record is followed by " + reader.remaining() + " bytes that do not belong to it");
            }
            frame.position(frame.position() + length);
        }
        if (frame.hasRemaining()) {
            throw new MalformedMessageException("A metadata batch is followed by " + frame.remaining() + " bytes");
        }
        return records;
    }

    private static int varint(ByteBuffer frame) {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (!frame.hasRemaining()) {
                throw new MalformedMessageException("A metadata batch ends within a number");
            }
            byte next = frame.get();
            if (shift == 28 && (next & 0xf8) != 0) {
                break;
            }
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedMessageException("A number in a metadata batch is too large");
    }

    private static ApiMessage read(int apiKey, int wideVersion, WireReader reader) {
        if (wideVersion > highestVersion(apiKey)) {
            throw new MalformedMessageException("A metadata record of kind " + apiKey + " has version " + wideVersion
                    + ", which this version does not know");
        }
        short version = (short) wideVersion;
        return switch (apiKey) {
            case RegisterBrokerRecord.API_KEY -> RegisterBrokerRecord.read(reader, version);
            case UnregisterBrokerRecord.API_KEY -> UnregisterBrokerRecord.read(reader, version);
            case TopicRecord.API_KEY -> TopicRecord.read(reader, version);
            case PartitionRecord.API_KEY -> PartitionRecord.read(reader, version);
            case ConfigRecord.API_KEY -> ConfigRecord.read(reader, version);
            case PartitionChangeRecord.API_KEY -> PartitionChangeRecord.read(reader, version);
            case FenceBrokerRecord.API_KEY -> FenceBrokerRecord.read(reader, version);
            case UnfenceBrokerRecord.API_KEY -> UnfenceBrokerRecord.read(reader, version);
            case RemoveTopicRecord.API_KEY -> RemoveTopicRecord.read(reader, version);
            case DelegationTokenRecord.API_KEY -> DelegationTokenRecord.read(reader, version);
            case UserScramCredentialRecord.API_KEY -> UserScramCredentialRecord.read(reader, version);
            case FeatureLevelRecord.API_KEY -> FeatureLevelRecord.read(reader, version);
            case ClientQuotaRecord.API_KEY -> ClientQuotaRecord.read(reader, version);
            case ProducerIdsRecord.API_KEY -> ProducerIdsRecord.read(reader, version);
            case BrokerRegistrationChangeRecord.API_KEY -> BrokerRegistrationChangeRecord.read(reader, version);
            case AccessControlEntryRecord.API_KEY -> AccessControlEntryRecord.read(reader, version);
            case RemoveAccessControlEntryRecord.API_KEY -> RemoveAccessControlEntryRecord.read(reader, version);
            case NoOpRecord.API_KEY -> NoOpRecord.read(reader, version);
            case ZkMigrationStateRecord.API_KEY -> ZkMigrationStateRecord.read(reader, version);
            case RemoveUserScramCredentialRecord.API_KEY -> RemoveUserScramCredentialRecord.read(reader, version);
            case BeginTransactionRecord.API_KEY -> BeginTransactionRecord.read(reader, version);
            case EndTransactionRecord.API_KEY -> EndTransactionRecord.read(reader, version);
            case AbortTransactionRecord.API_KEY -> AbortTransactionRecord.read(reader, version);
            case RemoveDelegationTokenRecord.API_KEY -> RemoveDelegationTokenRecord.read(reader, version);
            case RegisterControllerRecord.API_KEY -> RegisterControllerRecord.read(reader, version);
            case ClearElrRecord.API_KEY -> ClearElrRecord.read(reader, version);
            default -> throw new MalformedMessageException("There is no metadata record of kind " + apiKey);
        };
    }

    /** -1 if there is no such kind. */
    private static int highestVersion(int apiKey) {
        return switch (apiKey) {
            case RegisterBrokerRecord.API_KEY -> RegisterBrokerRecord.HIGHEST_VERSION;
            case UnregisterBrokerRecord.API_KEY -> UnregisterBrokerRecord.HIGHEST_VERSION;
            case TopicRecord.API_KEY -> TopicRecord.HIGHEST_VERSION;
            case PartitionRecord.API_KEY -> PartitionRecord.HIGHEST_VERSION;
            case ConfigRecord.API_KEY -> ConfigRecord.HIGHEST_VERSION;
            case PartitionChangeRecord.API_KEY -> PartitionChangeRecord.HIGHEST_VERSION;
            case FenceBrokerRecord.API_KEY -> FenceBrokerRecord.HIGHEST_VERSION;
            case UnfenceBrokerRecord.API_KEY -> UnfenceBrokerRecord.HIGHEST_VERSION;
            case RemoveTopicRecord.API_KEY -> RemoveTopicRecord.HIGHEST_VERSION;
            case DelegationTokenRecord.API_KEY -> DelegationTokenRecord.HIGHEST_VERSION;
            case UserScramCredentialRecord.API_KEY -> UserScramCredentialRecord.HIGHEST_VERSION;
            case FeatureLevelRecord.API_KEY -> FeatureLevelRecord.HIGHEST_VERSION;
            case ClientQuotaRecord.API_KEY -> ClientQuotaRecord.HIGHEST_VERSION;
            case ProducerIdsRecord.API_KEY -> ProducerIdsRecord.HIGHEST_VERSION;
            case BrokerRegistrationChangeRecord.API_KEY -> BrokerRegistrationChangeRecord.HIGHEST_VERSION;
            case AccessControlEntryRecord.API_KEY -> AccessControlEntryRecord.HIGHEST_VERSION;
            case RemoveAccessControlEntryRecord.API_KEY -> RemoveAccessControlEntryRecord.HIGHEST_VERSION;
            case NoOpRecord.API_KEY -> NoOpRecord.HIGHEST_VERSION;
            case ZkMigrationStateRecord.API_KEY -> ZkMigrationStateRecord.HIGHEST_VERSION;
            case RemoveUserScramCredentialRecord.API_KEY -> RemoveUserScramCredentialRecord.HIGHEST_VERSION;
            case BeginTransactionRecord.API_KEY -> BeginTransactionRecord.HIGHEST_VERSION;
            case EndTransactionRecord.API_KEY -> EndTransactionRecord.HIGHEST_VERSION;
            case AbortTransactionRecord.API_KEY -> AbortTransactionRecord.HIGHEST_VERSION;
            case RemoveDelegationTokenRecord.API_KEY -> RemoveDelegationTokenRecord.HIGHEST_VERSION;
            case RegisterControllerRecord.API_KEY -> RegisterControllerRecord.HIGHEST_VERSION;
            case ClearElrRecord.API_KEY -> ClearElrRecord.HIGHEST_VERSION;
            default -> -1;
        };
    }

    /** A growing array. */
    private static final class Frame {
        private byte[] bytes;
        private int size;

        Frame(int capacityBytes) {
            bytes = new byte[capacityBytes];
        }

        void put(byte value) {
            reserve(1);
            bytes[size++] = value;
        }

        void put(byte[] values) {
            reserve(values.length);
            System.arraycopy(values, 0, bytes, size, values.length);
            size += values.length;
        }

        void putVarint(int value) {
            int rest = value;
            while ((rest & ~0x7f) != 0) {
                put((byte) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            put((byte) rest);
        }

        private void reserve(int more) {
            if (bytes.length - size < more) {
                bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
            }
        }

        byte[] toByteArray() {
            return Arrays.copyOf(bytes, size);
        }
    }
}
