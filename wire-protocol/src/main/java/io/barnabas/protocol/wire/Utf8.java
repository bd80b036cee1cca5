package io.barnabas.protocol.wire;

import java.nio.charset.StandardCharsets;

/** UTF-8 straight into memory: nearly all strings of the protocol are ASCII, and need neither a copy nor an encoder. */
final class Utf8 {
    private Utf8() {}

    /** As the JDK encodes it: a surrogate without its partner counts as the one byte of a question mark. */
    static int sizeBytes(String text) {
        int length = text.length();
        int size = length;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                continue;
            }
            if (c < 0x800) {
                size++;
            } else if (!Character.isSurrogate(c)) {
                size += 2;
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                size += 2;
                i++;
            }
        }
        return size;
    }

    static void write(String text, int sizeBytes, byte[] target, int position) {
        for (int i = 0; i < sizeBytes; i++) {
            char c = i < text.length() ? text.charAt(i) : Character.MAX_VALUE;
            if (c >= 0x80) {
                var encoded = text.getBytes(StandardCharsets.UTF_8);
                System.arraycopy(encoded, 0, target, position, encoded.length);
                return;
            }
            target[position + i] = (byte) c;
        }
    }
}
