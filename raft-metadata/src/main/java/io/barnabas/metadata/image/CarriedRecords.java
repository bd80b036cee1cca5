package io.barnabas.metadata.image;

import java.util.List;
import java.util.StringJoiner;

import io.barnabas.protocol.metadata.AccessControlEntryRecord;
import io.barnabas.protocol.metadata.ClientQuotaRecord;
import io.barnabas.protocol.metadata.DelegationTokenRecord;
import io.barnabas.protocol.metadata.RegisterControllerRecord;
import io.barnabas.protocol.metadata.RemoveAccessControlEntryRecord;
import io.barnabas.protocol.metadata.RemoveDelegationTokenRecord;
import io.barnabas.protocol.metadata.RemoveUserScramCredentialRecord;
import io.barnabas.protocol.metadata.UserScramCredentialRecord;
import io.barnabas.protocol.wire.ApiMessage;
import org.pcollections.TreePMap;

/**
 * Records of kinds that nothing here acts on yet, kept so that they survive snapshots: ACLs, SCRAM credentials, client quotas,
 * delegation tokens and controller registrations. Immutable.
 */
public final class CarriedRecords {
    static final CarriedRecords EMPTY = new CarriedRecords(TreePMap.empty());

    /** By kind and natural key: a later record takes the place of an earlier one. */
    private final TreePMap<String, ApiMessage> records;

    private CarriedRecords(TreePMap<String, ApiMessage> records) {
        this.records = records;
    }

    /** Null if the record is of a kind that is not carried. */
    CarriedRecords with(ApiMessage record) {
        if (record instanceof AccessControlEntryRecord acl) {
            return put("acl " + acl.id(), acl);
        } else if (record instanceof RemoveAccessControlEntryRecord removal) {
            return remove("acl " + removal.id());
        } else if (record instanceof UserScramCredentialRecord credential) {
            return put("scram " + credential.mechanism() + " " + credential.name(), credential);
        } else if (record instanceof RemoveUserScramCredentialRecord removal) {
            return remove("scram " + removal.mechanism() + " " + removal.name());
        } else if (record instanceof ClientQuotaRecord quota) {
            return quota.remove() ? remove(key(quota)) : put(key(quota), quota);
        } else if (record instanceof DelegationTokenRecord token) {
            return put("token " + token.tokenId(), token);
        } else if (record instanceof RemoveDelegationTokenRecord removal) {
            return remove("token " + removal.tokenId());
        } else if (record instanceof RegisterControllerRecord controller) {
            return put("controller " + controller.controllerId(), controller);
        }
        return null;
    }

    private static String key(ClientQuotaRecord quota) {
        var key = new StringJoiner("\0", "quota ", "\0" + quota.key());
        for (var entity : quota.entity()) {
            key.add(entity.entityType());
            key.add(entity.entityName() == null ? "default" : "=" + entity.entityName());
        }
        return key.toString();
    }

    private CarriedRecords put(String key, ApiMessage record) {
        return new CarriedRecords(records.plus(key, record));
    }

    private CarriedRecords remove(String key) {
        return new CarriedRecords(records.minus(key));
    }

    void addRecordsTo(List<ApiMessage> all) {
        all.addAll(records.values());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CarriedRecords that && records.equals(that.records);
    }

    @Override
    public int hashCode() {
        return records.hashCode();
    }
}
