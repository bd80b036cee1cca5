package io.barnabas.broker.config;

/**
 * What broker keys must satisfy beyond their own ranges because topics take them as their defaults: Kafka's range of
 * {@code log.roll.ms} is wider than that of {@code segment.ms}. Stateless, any thread.
 */
final class DefaultsOfTopics {

    private DefaultsOfTopics() {}

    /**
     * One key by itself.
     *
     * @param text of the key's type and within its range
     * @throws ConfigException if topics cannot have it as their default
     */
    static void check(String brokerKey, String text) {
        for (var topicKey : ConfigSynonyms.topicKeys(brokerKey)) {
            checkDefault(topicKey, brokerKey, ConfigSynonyms.toTopicUnit(brokerKey, text));
        }
    }

    /**
     * The defaults that a whole configuration gives topics: a value that another of its family takes away may be anything.
     *
     * @throws ConfigException if topics cannot have one of them
     */
    static void check(BrokerConfig config) {
        for (var topicKey : ConfigTable.TOPIC.names()) {
            var family = ConfigSynonyms.ofTopic(topicKey);
            if (!family.isEmpty()) {
                checkDefault(topicKey, String.join(" or ", family), TopicConfigs.inherited(topicKey, config));
            }
        }
    }

    private static void checkDefault(String topicKey, String brokerKeys, String text) {
        Object value;
        try {
            value = ConfigTable.TOPIC.get(topicKey).parse(text);
        } catch (ConfigException e) {
            throw switch (topicKey) {
                case "segment.ms" -> new ConfigException("log.roll.ms must be greater than or equal to 1");
                case "segment.jitter.ms" ->
                    new ConfigException("log.roll.jitter.ms must be greater than or equal to 0");
                default -> new ConfigException(e.getMessage() + " (" + brokerKeys + " is its default)");
            };
        }
        // A topic may ask for this by itself; for all topics at once Kafka takes it for a mistake.
        if (topicKey.equals("retention.ms") && (Long) value == 0) {
            throw new ConfigException("log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
        }
    }
}
