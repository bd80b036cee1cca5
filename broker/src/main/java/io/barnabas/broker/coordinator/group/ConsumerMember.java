package io.barnabas.broker.coordinator.group;

/** One member of a consumer group. Immutable. */
record ConsumerMember(String id, MemberProfile profile, MemberProgress progress) {
    static ConsumerMember unknown(String id) {
        return new ConsumerMember(id, MemberProfile.UNKNOWN, MemberProgress.NONE);
    }

    ConsumerMember with(MemberProfile next) {
        return next == profile ? this : new ConsumerMember(id, next, progress);
    }

    ConsumerMember with(MemberProgress next) {
        return next == progress ? this : new ConsumerMember(id, profile, next);
    }

    int epoch() {
        return progress.epoch();
    }

    /** For operators. */
    String text() {
        return profile.isStatic() ? id + " (instance " + profile.instanceId() + ")" : id;
    }
}
