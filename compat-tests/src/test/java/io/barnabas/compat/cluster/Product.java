package io.barnabas.compat.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/** The two brokers that every scenario can run on. */
public enum Product {
    /** The oracle: Apache Kafka as published, from the test class path. */
    APACHE_KAFKA("kafka.Kafka") {
        @Override
        List<String> jvmOptions() {
            // What Kafka's own start script sets, with a heap that fits beside the tests.
            return List.of(
                    "-Xmx1G",
                    "-Xms512m",
                    "-server",
                    "-XX:+UseG1GC",
                    "-XX:MaxGCPauseMillis=20",
                    "-XX:InitiatingHeapOccupancyPercent=35",
                    "-XX:+ExplicitGCInvokesConcurrent",
                    "-Djava.awt.headless=true");
        }

        @Override
        boolean needs(String jar) {
            return !jar.contains("slf4j-jdk14");
        }

        @Override
        void format(List<Path> dataDirs) throws IOException {
            Formatter formatter = new Formatter()
                    .setClusterId(CLUSTER_ID)
                    .setNodeId(1)
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(dataDirs.get(0).toString())
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .setSupportedFeatures(List.of(Feature.PRODUCTION_FEATURES.toArray(Feature[]::new)))
                    .setIgnoreFormatted(true)
                    .setPrintStream(new java.io.PrintStream(java.io.OutputStream.nullOutputStream()));
            dataDirs.forEach(dir -> formatter.addDirectory(dir.toString()));
            try {
                formatter.run();
            } catch (Exception e) {
                throw new IOException("Apache Kafka could not format " + dataDirs, e);
            }
        }
    },

    /** Ours; it formats an empty folder by itself. */
    BARNABAS("io.barnabas.broker.Main") {
        @Override
        List<String> jvmOptions() {
            return List.of("-Xmx512m");
        }

        @Override
        boolean needs(String jar) {
            return !jar.contains("org" + File.separator + "apache" + File.separator + "kafka");
        }

        /** With {@code -Dbarnabas.home} by the start script of what was built there, as users do; else from the class path. */
        @Override
        ProcessBuilder command(Path configFile, List<String> jvmOptions) {
            var home = System.getProperty("barnabas.home");
            if (home == null) {
                return super.command(configFile, jvmOptions);
            }
            var command =
                    new ProcessBuilder(Path.of(home, "bin", "barnabas").toString(), "start", configFile.toString());
            command.environment().put("KAFKA_OPTS", String.join(" ", jvmOptions));
            return command;
        }

        @Override
        Map<String, String> properties() {
            // No fixed port in a test: the admin endpoint is tested on its own.
            return Map.of("admin.listeners", "");
        }
    };

    /** A cluster id in Kafka's text form; both products get the same. */
    public static final String CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw";

    private final String mainClass;

    Product(String mainClass) {
        this.mainClass = mainClass;
    }

    /** What starts a broker; the process that this makes is the broker. */
    ProcessBuilder command(Path configFile, List<String> jvmOptions) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions());
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", classPath(), mainClass, configFile.toString()));
        return new ProcessBuilder(command);
    }

    abstract List<String> jvmOptions();

    abstract boolean needs(String jar);

    Map<String, String> properties() {
        return Map.of();
    }

    void format(List<Path> dataDirs) throws IOException {}

    private String classPath() {
        Predicate<String> needed = this::needs;
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(needed)
                .collect(Collectors.joining(File.pathSeparator));
    }
}
