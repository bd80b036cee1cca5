package io.barnabas.broker.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What a parsed value must satisfy beyond its type. Parsed from the constraint column of the table; a value, any thread. */
sealed interface Constraint {
    /** @throws ConfigException if the value (null allowed) is refused */
    void check(String name, Object value);

    static Constraint parse(String text) {
        if (text.isEmpty()) {
            return new Any();
        }
        var parts = text.split(":", 3);
        return switch (parts[0]) {
            case "range" -> new Range(parts[1], parts[2]);
            case "in" -> new OneOf(names(parts[1]), false);
            case "inci" -> new OneOf(names(parts[1]), true);
            case "list" -> new Items(parts[1].contains("e"), parts[1].contains("n"), names(parts[2]));
            case "nonempty" -> new NonEmpty();
            case "nonnull" -> new NonNull();
            case "gzip" -> new GzipLevel();
            case "throttled" -> new ThrottledReplicas();
            case "voters" -> new Voters();
            case "bootstrap" -> new Servers();
            case "offsetreset" -> new OffsetReset();
            default -> throw new IllegalArgumentException("Unknown constraint " + text);
        };
    }

    private static List<String> names(String text) {
        return text.isEmpty() ? List.of() : Arrays.asList(text.split(","));
    }

    record Any() implements Constraint {
        @Override
        public void check(String name, Object value) {}
    }

    record Range(String least, String most) implements Constraint {
        @Override
        public void check(String name, Object value) {
            if (value == null) {
                throw new ConfigException(name, null, "Value must be non-null");
            }
            var number = ((Number) value).doubleValue();
            if (!least.isEmpty() && number < Double.parseDouble(least)) {
                throw new ConfigException(name, value, "Value must be at least " + least);
            }
            if (!most.isEmpty() && number > Double.parseDouble(most)) {
                throw new ConfigException(name, value, "Value must be no more than " + most);
            }
        }
    }

    record OneOf(List<String> names, boolean anyCase) implements Constraint {
        @Override
        public void check(String name, Object value) {
            var text = anyCase && value != null ? value.toString().toUpperCase(Locale.ROOT) : value;
            if (text == null || !names.contains(text)) {
                throw new ConfigException(
                        name,
                        value,
                        (anyCase ? "String must be one of (case insensitive): " : "String must be one of: ")
                                + String.join(", ", names));
            }
        }
    }

    record Items(boolean mayBeEmpty, boolean mayBeNull, List<String> names) implements Constraint {
        @Override
        public void check(String name, Object value) {
            if (value == null) {
                if (mayBeNull) {
                    return;
                }
                throw new ConfigException("Configuration '" + name + "' values must not be null.");
            }
            var items = (List<?>) value;
            if (items.isEmpty() && !mayBeEmpty) {
                throw new ConfigException("Configuration '" + name + "' must not be empty. Valid values include: "
                        + (names.isEmpty() ? "any non-empty value" : names.toString()));
            }
            for (var item : items) {
                if (item.toString().isEmpty()) {
                    throw new ConfigException("Configuration '" + name + "' values must not be empty.");
                }
                if (!names.isEmpty() && !names.contains(item)) {
                    throw new ConfigException(name, item, "String must be one of: " + String.join(", ", names));
                }
            }
        }
    }

    record NonEmpty() implements Constraint {
        @Override
        public void check(String name, Object value) {
            if (value != null && value.toString().isEmpty()) {
                throw new ConfigException(name, value, "String must be non-empty");
            }
        }
    }

    record NonNull() implements Constraint {
        @Override
        public void check(String name, Object value) {
            if (value == null) {
                throw new ConfigException(name, "null", "entry must be non null");
            }
        }
    }

    record GzipLevel() implements Constraint {
        @Override
        public void check(String name, Object value) {
            if (value == null) {
                throw new ConfigException(name, null, "Value must be non-null");
            }
            var level = ((Number) value).intValue();
            if (level > 9 || level < 1 && level != -1) {
                throw new ConfigException(name, value, "Value must be between 1 and 9 or equal to -1");
            }
        }
    }

    record ThrottledReplicas() implements Constraint {
        private static final Pattern PAIR = Pattern.compile("([0-9]+:[0-9]+)?");

        @Override
        public void check(String name, Object value) {
            var items = (List<?>) value;
            var pairs = items.stream()
                    .allMatch(item -> PAIR.matcher(item.toString().trim()).matches());
            if (!pairs && !items.equals(List.of("*"))) {
                throw new ConfigException(
                        name,
                        value,
                        name + " must be the literal '*' or a list of replicas in the following format: "
                                + "[partitionId]:[brokerId],[partitionId]:[brokerId],...");
            }
        }
    }

    record Voters() implements Constraint {
        @Override
        public void check(String name, Object value) {
            for (var entry : (List<?>) value) {
                QuorumVoter.parse(entry.toString());
            }
        }
    }

    record Servers() implements Constraint {
        @Override
        public void check(String name, Object value) {
            for (var entry : (List<?>) value) {
                if (HostPort.parse(entry.toString()) == null) {
                    throw new ConfigException("Failed to parse host and port from entry " + entry
                            + " for the configuration " + name + ". Each entry should be in the form `{host}:{port}`.");
                }
            }
        }
    }

    record OffsetReset() implements Constraint {
        @Override
        public void check(String name, Object value) {
            var text = value == null ? "" : value.toString();
            if (text.equals("earliest") || text.equals("latest")) {
                return;
            }
            if (text.startsWith("by_duration:")) {
                try {
                    if (!java.time.Duration.parse(text.substring("by_duration:".length()))
                            .isNegative()) {
                        return;
                    }
                } catch (java.time.format.DateTimeParseException e) {
                    throw new ConfigException(name, value, "The duration must be written in ISO-8601, such as PT1H");
                }
            }
            throw new ConfigException(
                    name,
                    value,
                    "Invalid value `" + text + "` for configuration " + name
                            + ". The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.");
        }
    }
}
