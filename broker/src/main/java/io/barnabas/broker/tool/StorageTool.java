package io.barnabas.broker.tool;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.checkpoint.MetaProperties;

/** What bin/kafka-storage.sh runs: info, format, random-uuid, version-mapping, feature-dependencies. */
public final class StorageTool {

    private static final String CONFIG = "--config/-c";
    private static final String CLUSTER_ID = "--cluster-id/-t";
    private static final String RELEASE = "--release-version/-r";
    private static final String FEATURE = "--feature/-f";

    /** Ends a command with one sentence and exit code 1. */
    static final class Refusal extends RuntimeException {
        Refusal(String message) {
            super(message);
        }
    }

    private StorageTool() {}

    public static void main(String[] args) {
        System.exit(run(Arrays.asList(args), System.out, System.err));
    }

    /** @return the exit code */
    static int run(List<String> args, PrintStream out, PrintStream err) {
        var command = args.isEmpty() ? "" : args.get(0);
        var rest = args.isEmpty() ? args : args.subList(1, args.size());
        try {
            if (command.equals("-h") || command.equals("--help") || rest.contains("-h") || rest.contains("--help")) {
                out.println(usage());
                return 0;
            }
            switch (command) {
                case "random-uuid" -> out.println(Uuid.random());
                case "info" -> {
                    return info(config(Arguments.parse(rest, List.of(CONFIG), List.of())), out);
                }
                case "format" -> format(rest, out);
                case "version-mapping" -> versionMapping(rest, out);
                case "feature-dependencies" -> featureDependencies(rest, out);
                default ->
                    throw new Arguments.UsageException(
                            command.isEmpty() ? "too few arguments" : "invalid choice: '" + command + "'");
            }
            return 0;
        } catch (Arguments.UsageException e) {
            err.println(usage());
            err.println("kafka-storage: error: " + e.getMessage());
            return 1;
        } catch (Refusal | ConfigException e) {
            err.println(e.getMessage());
            return 1;
        } catch (IOException e) {
            err.println("A log directory cannot be read or written: " + e);
            return 1;
        }
    }

    private static String usage() {
        return String.join(
                System.lineSeparator(),
                "usage: kafka-storage {info,format,version-mapping,feature-dependencies,random-uuid} ...",
                "  info                  --config FILE",
                "  format                --config FILE --cluster-id ID [--ignore-formatted] [--standalone |",
                "                        --no-initial-controllers | --initial-controllers LIST]",
                "                        [--release-version VERSION] [--feature NAME=LEVEL]",
                "  version-mapping       [--release-version VERSION]",
                "  feature-dependencies  --feature NAME=LEVEL",
                "  random-uuid");
    }

    private static BrokerConfig config(Arguments arguments) {
        return BrokerConfig.load(Path.of(arguments.required(CONFIG)), Map.of());
    }

    private static TreeSet<Path> directories(BrokerConfig config) {
        var directories = new TreeSet<>(config.logDirs());
        directories.add(config.metadataLogDir());
        return directories;
    }

    private static int info(BrokerConfig config, PrintStream out) {
        var found = new TreeSet<Path>();
        var problems = new java.util.ArrayList<String>();
        MetaProperties first = null;
        for (var dir : directories(config)) {
            if (!Files.isDirectory(dir)) {
                problems.add(dir + (Files.exists(dir) ? " is not a directory" : " does not exist"));
                continue;
            }
            found.add(dir);
            if (!Files.exists(dir.resolve(MetaProperties.FILE))) {
                problems.add(dir + " is not formatted.");
                continue;
            }
            try {
                var current = DirectoryIdentity.read(dir);
                if (first == null) {
                    first = current;
                } else if (!first.clusterId().equals(current.clusterId())) {
                    problems.add("Mismatched cluster IDs between storage directories.");
                } else if (!first.nodeId().equals(current.nodeId())) {
                    problems.add("Mismatched node IDs between storage directories.");
                }
            } catch (IOException e) {
                problems.add(DirectoryIdentity.unusable(dir.resolve(MetaProperties.FILE), e));
            }
        }
        if (!found.isEmpty()) {
            out.println(found.size() == 1 ? "Found log directory:" : "Found log directories:");
            found.forEach(dir -> out.println("  " + dir));
            out.println();
        }
        if (first != null) {
            out.println("Found metadata: " + shown(first));
            out.println();
        }
        if (!problems.isEmpty()) {
            out.println(problems.size() == 1 ? "Found problem:" : "Found problems:");
            problems.forEach(problem -> out.println("  " + problem));
            out.println();
        }
        return problems.isEmpty() ? 0 : 1;
    }

    private static Map<String, String> shown(MetaProperties known) {
        var shown = new TreeMap<String, String>();
        shown.put("cluster.id", DirectoryIdentity.clusterId(known));
        shown.put("node.id", DirectoryIdentity.nodeId(known));
        shown.put("version", Integer.toString(known.version()));
        known.directoryId().ifPresent(id -> shown.put("directory.id", id.toString()));
        return shown;
    }

    private static void format(List<String> args, PrintStream out) throws IOException {
        var arguments = Arguments.parse(
                args,
                List.of(CONFIG, CLUSTER_ID, RELEASE, FEATURE, "--add-scram/-S", "--initial-controllers/-I"),
                List.of("--ignore-formatted/-g", "--standalone/-s", "--no-initial-controllers/-N"));
        var clusterId = arguments.required(CLUSTER_ID);
        if (clusterId.isBlank()) {
            throw new Refusal("The cluster id must not be empty; `kafka-storage.sh random-uuid` makes one.");
        }
        var config = config(arguments);
        checkQuorumOptions(arguments, config);
        checkFeatures(arguments);
        if (arguments.has("--add-scram")) {
            throw new Refusal("SCRAM credentials cannot be added while formatting: this version has no SASL.");
        }
        var directoryIdOfMetadata = arguments
                .last("--initial-controllers")
                .map(list -> directoryId(list, config))
                .orElse(null);

        var empty = new TreeSet<Path>();
        for (var dir : directories(config)) {
            if (!Files.exists(dir.resolve(MetaProperties.FILE))) {
                empty.add(dir);
                continue;
            }
            var known = identity(dir);
            checkSame(dir, "cluster.id", clusterId, DirectoryIdentity.clusterId(known));
            checkSame(dir, "node.id", Integer.toString(config.nodeId()), DirectoryIdentity.nodeId(known));
            if (!arguments.has("--ignore-formatted")) {
                throw new Refusal(
                        "Log directory " + dir
                                + " is already formatted. Use --ignore-formatted to ignore this directory and format the others.");
            }
        }
        if (empty.isEmpty()) {
            out.println("All of the log directories are already formatted.");
        }
        for (var dir : empty) {
            var ofMetadata = dir.equals(config.metadataLogDir());
            out.println("Formatting " + (ofMetadata ? "metadata" : "data") + " directory " + dir
                    + " with metadata.version " + Release.latest().name() + ".");
            var id = ofMetadata && directoryIdOfMetadata != null ? directoryIdOfMetadata : Uuid.random();
            DirectoryIdentity.format(dir, clusterId, config.nodeId(), id);
        }
    }

    private static MetaProperties identity(Path dir) {
        try {
            return DirectoryIdentity.read(dir);
        } catch (IOException e) {
            throw new Refusal(DirectoryIdentity.unusable(dir.resolve(MetaProperties.FILE), e));
        }
    }

    private static void checkSame(Path dir, String what, String expected, String read) {
        if (!expected.equals(read)) {
            throw new Refusal("Invalid " + what + " in: " + dir.resolve(MetaProperties.FILE) + ". Expected " + expected
                    + ", but read " + read);
        }
    }

    private static void checkQuorumOptions(Arguments arguments, BrokerConfig config) {
        var standalone = arguments.has("--standalone");
        var initial = arguments.has("--initial-controllers");
        var none = arguments.has("--no-initial-controllers");
        if ((standalone ? 1 : 0) + (initial ? 1 : 0) + (none ? 1 : 0) > 1) {
            throw new Arguments.UsageException(
                    "--standalone, --no-initial-controllers and --initial-controllers exclude each other");
        }
        if (!config.quorumVoters().isEmpty()) {
            if (standalone || initial) {
                throw new Refusal("You cannot specify controller.quorum.voters and format the node with"
                        + " --initial-controllers or --standalone. If you want to use dynamic quorum, please remove"
                        + " controller.quorum.voters and specify controller.quorum.bootstrap.servers instead.");
            }
            return;
        }
        if (standalone && !config.isController()) {
            throw new Refusal("You can only use --standalone on a controller.");
        }
        if (config.isController() && !standalone && !initial && !none) {
            throw new Refusal("Because controller.quorum.voters is not set on this controller, you must specify one of"
                    + " the following: --standalone, --initial-controllers, or --no-initial-controllers.");
        }
        if (config.isController() && none) {
            throw new Refusal("A controller that joins a running quorum is not supported:"
                    + " name all voters in controller.quorum.voters and format without --no-initial-controllers.");
        }
    }

    /** The directory id that --initial-controllers gives this node. */
    private static Uuid directoryId(String list, BrokerConfig config) {
        var voters = list.split(",");
        if (voters.length > 1) {
            throw new Refusal("A quorum of several voters is named in controller.quorum.voters:"
                    + " --initial-controllers takes one voter here.");
        }
        var parts = voters[0].split("[@:]");
        if (parts.length != 4 || !parts[0].equals(Integer.toString(config.nodeId()))) {
            throw new Refusal("--initial-controllers must name this node as " + config.nodeId()
                    + "@hostname:port:directory, but is " + list);
        }
        try {
            return Uuid.parse(parts[3]);
        } catch (IllegalArgumentException e) {
            throw new Refusal("The directory id in --initial-controllers cannot be used: " + e.getMessage());
        }
    }

    private static void checkFeatures(Arguments arguments) {
        arguments.last("--release-version").ifPresent(text -> {
            var release = Release.named(text).orElseThrow(() -> new Refusal(Release.unknown(text)));
            if (!release.equals(Release.latest())) {
                throw new Refusal("This version formats with metadata.version "
                        + Release.latest().name() + " only, not with " + release.name() + ".");
            }
        });
        for (var text : arguments.all("--feature")) {
            var name = text.split("=", 2)[0].trim();
            var level = level(text);
            var expected = name.equals("metadata.version")
                    ? Release.latest().level()
                    : Release.highestLevel(name)
                            .map(highest -> Release.latest().featureLevel(name))
                            .orElseThrow(() -> new Refusal("Unsupported feature: " + name + ". Supported features are: "
                                    + Release.featureNames()));
            if (level != expected) {
                throw new Refusal(
                        "This version formats with " + name + "=" + expected + " only, not with " + level + ".");
            }
        }
    }

    private static int level(String text) {
        var parts = text.split("=", 2);
        if (parts.length != 2) {
            throw new Refusal("Invalid feature format: " + text
                    + ". Expected format: 'feature=version' (e.g. 'group.version=1')");
        }
        try {
            return Short.parseShort(parts[1].trim());
        } catch (NumberFormatException e) {
            throw new Refusal("Invalid version format: " + parts[1].trim() + " for feature " + parts[0].trim());
        }
    }

    private static void versionMapping(List<String> args, PrintStream out) {
        var text = Arguments.parse(args, List.of(RELEASE), List.of())
                .last("--release-version")
                .orElse(Release.latest().name());
        var release = Release.named(text).orElseThrow(() -> new Refusal(Release.unknown(text)));
        out.println("metadata.version=" + release.level() + " (" + text + ")");
        for (var feature : Release.FEATURES) {
            out.println(feature + "=" + release.featureLevel(feature));
        }
    }

    private static void featureDependencies(List<String> args, PrintStream out) {
        var arguments = Arguments.parse(args, List.of(FEATURE), List.of());
        arguments.required(FEATURE);
        for (var text : arguments.all("--feature")) {
            var level = level(text);
            var name = text.split("=", 2)[0].trim();
            if (name.equals("metadata.version")) {
                var release =
                        Release.ofLevel(level).orElseThrow(() -> new Refusal("Unknown metadata.version " + level));
                out.println(name + "=" + level + " (" + release.name() + ") has no dependencies.");
                continue;
            }
            int highest = Release.highestLevel(name).orElseThrow(() -> new Refusal("Unknown feature: " + name));
            if (level < 0 || level > highest) {
                throw new Refusal("Feature level " + level + " is not supported for feature " + name);
            }
            // The one dependency there is: KIP-966 needs partition records with ELR fields.
            if (name.equals("eligible.leader.replicas.version") && level == 1) {
                out.println(name + "=1 requires:");
                out.println("    metadata.version=23 ("
                        + Release.ofLevel(23).orElseThrow().name() + ")");
            } else {
                out.println(name + "=" + level + " has no dependencies.");
            }
        }
    }
}
