package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DescribeGroupsResponse.DescribedGroup;
import io.barnabas.protocol.message.ListGroupsResponse.ListedGroup;

/** Answers about groups (DescribeGroups, API 15; ListGroups, API 16). */
final class Descriptions {
    private static final String TYPE = "classic";
    private static final short FIRST_VERSION_THAT_KNOWS_MISSING_GROUPS = 6;

    private final Groups groups;

    Descriptions(Groups groups) {
        this.groups = groups;
    }

    DescribedGroup describe(Caller caller, String id) {
        var group = groups.find(id);
        if (group == null) {
            return missing(caller, id);
        }
        var described = new DescribedGroup()
                .groupId(id)
                .groupState(group.state().text())
                .protocolType(group.protocolType() == null ? "" : group.protocolType());
        boolean stable = group.isIn(GroupState.STABLE);
        if (stable) {
            described.protocolData(group.protocolName());
        }
        for (var member : group.members()) {
            var one = member.described();
            described.members().add(stable ? one.memberMetadata(member.metadata(group.protocolName())) : one);
        }
        return described;
    }

    private static DescribedGroup missing(Caller caller, String id) {
        var described = new DescribedGroup().groupId(id).groupState(GroupState.DEAD);
        return caller.apiVersion() < FIRST_VERSION_THAT_KNOWS_MISSING_GROUPS
                ? described
                : described.errorCode(ErrorCode.GROUP_ID_NOT_FOUND.code()).errorMessage("Group " + id + " not found.");
    }

    /** Empty filters let everything through; case does not matter. */
    List<ListedGroup> list(List<String> states, List<String> types) {
        var listed = new ArrayList<ListedGroup>();
        var wantedTypes = lowerCase(types);
        if (!wantedTypes.isEmpty() && !wantedTypes.contains(TYPE)) {
            return listed;
        }
        var wantedStates = lowerCase(states);
        for (var group : groups.all()) {
            if (wantedStates.isEmpty() || wantedStates.contains(group.state().lowerCase())) {
                listed.add(new ListedGroup()
                        .groupId(group.id())
                        .protocolType(group.protocolType() == null ? "" : group.protocolType())
                        .groupState(group.state().text())
                        .groupType(TYPE));
            }
        }
        return listed;
    }

    private static Set<String> lowerCase(List<String> words) {
        var lower = new HashSet<String>();
        words.forEach(word -> lower.add(word.toLowerCase(Locale.ROOT).trim()));
        return lower;
    }
}
