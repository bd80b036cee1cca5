package io.barnabas.broker.tool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Parsed command-line options: long and short names, "--name value" and "--name=value". */
final class Arguments {

    /** A usage error; the message is the sentence after "error:". */
    static final class UsageException extends RuntimeException {
        UsageException(String message) {
            super(message);
        }
    }

    private final Map<String, List<String>> values = new HashMap<>();

    /**
     * @param withValue names of options that take a value, "long/short"
     * @param flags names of options that take none
     */
    static Arguments parse(List<String> args, List<String> withValue, List<String> flags) {
        var parsed = new Arguments();
        for (var i = 0; i < args.size(); i++) {
            var arg = args.get(i);
            var equals = arg.startsWith("--") ? arg.indexOf('=') : -1;
            var name = equals < 0 ? arg : arg.substring(0, equals);
            var option = find(name, withValue);
            if (option != null) {
                if (equals < 0 && ++i >= args.size()) {
                    throw new UsageException("argument " + option + ": expected one argument");
                }
                parsed.values
                        .computeIfAbsent(longName(option), key -> new ArrayList<>())
                        .add(equals < 0 ? args.get(i) : arg.substring(equals + 1));
            } else if (find(name, flags) != null && equals < 0) {
                parsed.values.put(longName(find(name, flags)), List.of());
            } else {
                throw new UsageException("unrecognized arguments: '" + arg + "'");
            }
        }
        return parsed;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    Optional<String> last(String name) {
        var all = all(name);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** @param option "long/short" */
    String required(String option) {
        return last(longName(option)).orElseThrow(() -> new UsageException("argument " + option + " is required"));
    }

    private static String find(String name, List<String> options) {
        for (var option : options) {
            for (var spelling : option.split("/")) {
                if (spelling.equals(name)) {
                    return option;
                }
            }
        }
        return null;
    }

    private static String longName(String option) {
        return option.split("/")[0];
    }
}
