package io.barnabas.broker.coordinator.group;

/**
 * What a member's new subscription means for its group.
 *
 * @param epoch of the group
 * @param homogeneous all members subscribe to the same topics
 */
record Subscription(int epoch, boolean homogeneous) {
    /**
     * Compares the topics with what the group last saw, and raises the epoch if they changed.
     *
     * @param raise the epoch in any case
     * @param before the member as it is, or as it takes the place of its former self
     */
    static Subscription update(
            ConsumerGroup group,
            boolean raise,
            ConsumerMember before,
            ConsumerMember after,
            TopicHashes hashes,
            Topics topics,
            ConsumerRecords records) {
        var interest = group.interest().afterChange(before.profile(), after.profile());
        long hash = hashes.of(interest.topics(), topics);
        int epoch = group.generation();
        if (raise || hash != group.metadataHash()) {
            epoch++;
            records.epoch(epoch, hash);
        }
        if (group.hasPartitionMetadata()) {
            records.partitionMetadataGone();
        }
        return new Subscription(epoch, interest.isHomogeneous(sizeAfter(group, after)));
    }

    /** Also where the epoch stays, as for a member that joins and subscribes to nothing. */
    static boolean isHomogeneousAfter(ConsumerGroup group, ConsumerMember before, ConsumerMember after) {
        return group.interest().afterChange(before.profile(), after.profile()).isHomogeneous(sizeAfter(group, after));
    }

    private static int sizeAfter(ConsumerGroup group, ConsumerMember after) {
        boolean isNew = group.member(after.id()) == null
                && group.staticMember(after.profile().instanceId()) == null;
        return group.size() + (isNew ? 1 : 0);
    }
}
