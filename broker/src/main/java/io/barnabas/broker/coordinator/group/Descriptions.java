package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponse;
import io.barnabas.protocol.message.DescribeGroupsResponse.DescribedGroup;
import io.barnabas.protocol.message.ListGroupsResponse.ListedGroup;

/** Answers about groups (DescribeGroups, API 15; ListGroups, API 16; ConsumerGroupDescribe, API 69). */
final class Descriptions {
    private static final short FIRST_VERSION_THAT_KNOWS_MISSING_GROUPS = 6;

    private final Groups groups;
    private final ConsumerGroupConfig config;
    private final Supplier<Topics> topics;

    Descriptions(Groups groups, ConsumerGroupConfig config, Supplier<Topics> topics) {
        this.groups = groups;
        this.config = config;
        this.topics = topics;
    }

    DescribedGroup describe(Caller caller, String id) {
        var group = groups.classic(id);
        if (group == null) {
            return missing(caller, id, reason(id, "classic"));
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

    private String reason(String id, String wanted) {
        return groups.find(id) == null
                ? "Group " + id + " not found."
                : "Group " + id + " is not a " + wanted + " group.";
    }

    private static DescribedGroup missing(Caller caller, String id, String reason) {
        var described = new DescribedGroup().groupId(id).groupState(GroupState.DEAD);
        return caller.apiVersion() < FIRST_VERSION_THAT_KNOWS_MISSING_GROUPS
                ? described
                : described.errorCode(ErrorCode.GROUP_ID_NOT_FOUND.code()).errorMessage(reason);
    }

    ConsumerGroupDescribeResponse.DescribedGroup describeConsumer(String id) {
        if (!(groups.find(id) instanceof ConsumerGroup group)) {
            return new ConsumerGroupDescribeResponse.DescribedGroup()
                    .groupId(id)
                    .errorCode(ErrorCode.GROUP_ID_NOT_FOUND.code())
                    .errorMessage(reason(id, "consumer"));
        }
        return new ConsumerDescription(group, config, topics.get()).described();
    }

    /** Empty filters let everything through; case does not matter. */
    List<ListedGroup> list(List<String> states, List<String> types) {
        var listed = new ArrayList<ListedGroup>();
        var wantedTypes = lowerCase(types);
        var wantedStates = lowerCase(states);
        for (var group : groups.all()) {
            boolean wanted = (wantedTypes.isEmpty() || wantedTypes.contains(group.type()))
                    && (wantedStates.isEmpty()
                            || wantedStates.contains(group.stateText().toLowerCase(Locale.ROOT)));
            if (wanted) {
                listed.add(new ListedGroup()
                        .groupId(group.id())
                        .protocolType(group.protocolTypeText())
                        .groupState(group.stateText())
                        .groupType(group.type()));
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
