package io.barnabas.broker.shard;

import java.util.ArrayDeque;

/**
 * How large a regular expression becomes when its counted repetitions are written out, found without compiling it: a few characters
 * can stand for more steps than fit into memory. Counts too much rather than too little. Stateless.
 */
final class RegexSize {
    private static final long LARGEST = Long.MAX_VALUE / 4;

    private RegexSize() {}

    /**
     * @param steps about how many there are, at most {@link #LARGEST}
     * @param depth of nested groups
     */
    record Estimate(long steps, int depth) {}

    static Estimate of(String regex) {
        var outer = new ArrayDeque<Long>();
        long sum = 0;
        long last = 0;
        int depth = 0;
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c == '(') {
                outer.push(sum);
                sum = 0;
                last = 0;
                depth = Math.max(depth, outer.size());
            } else if (c == ')' && !outer.isEmpty()) {
                last = sum;
                sum = capped(outer.pop() + last);
            } else if (c == '{') {
                long times = largestNumber(regex, i + 1);
                if (times > 1) {
                    sum = capped(sum - last + capped(last, times));
                    last = capped(last, times);
                }
            } else {
                i += c == '\\' ? 1 : 0;
                last = 1;
                sum = capped(sum + 1);
            }
        }
        while (!outer.isEmpty()) {
            sum = capped(sum + outer.pop());
        }
        return new Estimate(sum, depth);
    }

    private static long capped(long steps) {
        return Math.min(steps, LARGEST);
    }

    private static long capped(long steps, long times) {
        return steps > LARGEST / times ? LARGEST : steps * times;
    }

    /** Up to the closing brace; 0 if there is none. */
    private static long largestNumber(String regex, int from) {
        long largest = 0;
        long number = 0;
        for (int i = from; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c >= '0' && c <= '9') {
                number = Math.min(number * 10 + (c - '0'), Integer.MAX_VALUE);
                largest = Math.max(largest, number);
            } else {
                number = 0;
                if (c != ',') {
                    break;
                }
            }
        }
        return largest;
    }
}
