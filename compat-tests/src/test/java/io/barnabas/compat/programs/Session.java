package io.barnabas.compat.programs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.OwnKeys;
import org.apache.kafka.clients.admin.Admin;

/**
 * What a user types at one broker and what he reads, with everything volatile masked, so that the sessions of two
 * brokers can be compared word for word.
 */
final class Session implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern STACK_LINE = Pattern.compile("\\s+(at .*\\)|\\.\\.\\. \\d+ more)");
    private static final Map<Pattern, String> MASKS = Map.of(
            Pattern.compile("CreateTime:\\d+"), "CreateTime:T",
            // kcat ends at whichever partition comes last.
            Pattern.compile("(?m): exiting$"), "",
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID",
            Pattern.compile("TopicId: [A-Za-z0-9_-]{22}"), "TopicId: ID",
            // The id that a member of a consumer group gives itself.
            Pattern.compile("(?m)(?<=\\s)(?=\\S*[A-Z])(?=\\S*[a-z])[A-Za-z0-9_-]{22}(?=\\s)"), "MEMBER");

    private final ChildBroker broker;
    private final Admin admin;
    private final List<String> steps = new ArrayList<>();

    Session(ChildBroker broker) {
        this.broker = broker;
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    String bootstrapServers() {
        return broker.bootstrapServers();
    }

    Admin admin() {
        return admin;
    }

    /** The masked text of every step so far. */
    List<String> steps() {
        return List.copyOf(steps);
    }

    /** Runs a program and writes down what it said. */
    Outcome run(Program program, String... arguments) {
        return feed("", program, arguments);
    }

    /** Runs a program with an input and writes down what it said. */
    Outcome feed(String input, Program program, String... arguments) {
        Outcome outcome = unrecorded(input, program, arguments);
        note(program.script() + " " + String.join(" ", arguments), outcome, text -> text);
        return outcome;
    }

    /** Runs a program that prints groups in any order. */
    Outcome runUnordered(Program program, String... arguments) {
        Outcome outcome = unrecorded("", program, arguments);
        note(program.script() + " " + String.join(" ", arguments), outcome, Session::sorted);
        return outcome;
    }

    private static String sorted(String text) {
        String[] lines = text.split("\n", -1);
        Arrays.sort(lines);
        return String.join("\n", lines);
    }

    /** Runs a program whose output differs from run to run. */
    Outcome unrecorded(String input, Program program, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.add("--bootstrap-server");
        all.add(bootstrapServers());
        return InThisJvm.run(program, input, all.toArray(String[]::new));
    }

    /** Runs kcat and writes down what it said; its lines are sorted, for it reads partitions side by side. */
    void kcat(Path folder, String input, String... arguments) throws Exception {
        Path in = Files.writeString(folder.resolve("kcat.in"), input);
        List<String> command = new ArrayList<>(List.of(Kcat.PATH.toString(), "-b", bootstrapServers()));
        command.addAll(Arrays.asList(arguments));
        Outcome outcome = ChildProcess.start(folder, "kcat", in, command).await(PATIENCE);
        note("kcat " + String.join(" ", arguments), outcome, Session::sorted);
    }

    /** Writes down a value, or the exception that came instead. */
    void attempt(String label, Callable<?> call) throws Exception {
        try {
            step(label, String.valueOf(call.call()));
        } catch (ExecutionException e) {
            step(
                    label,
                    e.getCause().getClass().getSimpleName() + ": "
                            + e.getCause().getMessage());
        }
    }

    /** Waits until the broker's topics are as they should be: a created topic is seen a moment after the answer. */
    void until(Predicate<Admin> condition) throws InterruptedException {
        Waiting.until("the broker at " + bootstrapServers() + " is as expected", PATIENCE, () -> condition.test(admin));
    }

    void untilTopic(String topic, int partitions) throws InterruptedException {
        until(client -> {
            try {
                var described = client.describeTopics(List.of(topic))
                        .allTopicNames()
                        .get(30, TimeUnit.SECONDS)
                        .get(topic);
                return described.partitions().size() == partitions
                        && described.partitions().stream()
                                .allMatch(partition -> partition.leader() != null
                                        && partition.leader().id() >= 0);
            } catch (Exception notYet) {
                return false;
            }
        });
    }

    void untilNoTopic(String topic) throws InterruptedException {
        until(client -> {
            try {
                return !client.listTopics().names().get(30, TimeUnit.SECONDS).contains(topic);
            } catch (Exception notYet) {
                return false;
            }
        });
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }

    private void note(String command, Outcome outcome, java.util.function.UnaryOperator<String> order) {
        step(
                "$ " + command,
                order.apply(outcome.out())
                        + (outcome.err().isEmpty() ? "" : "\n-- standard error\n" + order.apply(outcome.err()))
                        + "\n-- exit status " + outcome.status());
    }

    private void step(String label, String text) {
        String masked = OwnKeys.strip(text).replace(":" + broker.port(), ":PORT");
        for (var mask : MASKS.entrySet()) {
            masked = mask.getKey().matcher(masked).replaceAll(mask.getValue());
        }
        StringBuilder kept = new StringBuilder(label).append('\n');
        for (String line : masked.split("\n")) {
            if (!STACK_LINE.matcher(line).matches()) {
                kept.append(line.stripTrailing()).append('\n');
            }
        }
        steps.add(kept.toString());
    }
}
