package io.barnabas.broker.handler.topic;

import io.barnabas.protocol.ErrorCode;

/** Which topic names are legal. */
final class TopicNames {
    private static final int MAX_LENGTH = 249;

    private TopicNames() {}

    static boolean isLegal(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (!isLegal(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLegal(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-';
    }

    /** What is told of a name that is not among the topics. */
    static ErrorCode errorOfUnknown(String name) {
        return isLegal(name) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION;
    }
}
