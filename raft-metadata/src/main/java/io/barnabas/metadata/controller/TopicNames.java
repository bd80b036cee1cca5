package io.barnabas.metadata.controller;

/** What topics may be called. */
public final class TopicNames {
    static final String METADATA_TOPIC = "__cluster_metadata";
    private static final int MAX_LENGTH = 249;

    private TopicNames() {}

    /** Why a topic cannot have this name, in Kafka's words; null if it can. */
    public static String refusal(String name) {
        String reason = reason(name);
        return reason == null ? null : "Topic name is invalid: " + reason;
    }

    private static String reason(String name) {
        if (name.isEmpty()) {
            return "the empty string is not allowed";
        }
        if (name.equals(".") || name.equals("..")) {
            return "'" + name + "' is not allowed";
        }
        if (name.length() > MAX_LENGTH) {
            return "the length of '" + name + "' is longer than the max allowed length " + MAX_LENGTH;
        }
        for (int i = 0; i < name.length(); i++) {
            if (!isAllowed(name.charAt(i))) {
                return "'" + name
                        + "' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
            }
        }
        return null;
    }

    private static boolean isAllowed(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-';
    }
}
