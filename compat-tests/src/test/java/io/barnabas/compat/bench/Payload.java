package io.barnabas.compat.bench;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Values of records: words of a small vocabulary, which compress about as text does. The same in every run. */
final class Payload {
    private static final int WORDS = 400;
    private static final String[] VOCABULARY = vocabulary();

    private Payload() {}

    private static String[] vocabulary() {
        var random = new SplittableRandom(42);
        var words = new String[WORDS];
        for (int i = 0; i < WORDS; i++) {
            var word = new StringBuilder();
            for (int length = random.nextInt(3, 10); length > 0; length--) {
                word.append((char) ('a' + random.nextInt(26)));
            }
            words[i] = word.append(' ').toString();
        }
        return words;
    }

    static byte[] text(int bytes, long seed) {
        var random = new SplittableRandom(seed);
        var text = new StringBuilder(bytes + 16);
        while (text.length() < bytes) {
            text.append(VOCABULARY[random.nextInt(WORDS)]);
        }
        return text.substring(0, bytes).getBytes(StandardCharsets.US_ASCII);
    }
}
