package io.barnabas.broker;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/** The dependency rules of the broker module. */
class BrokerArchitectureTest {
    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.barnabas.broker");
    }

    @Test
    void nettyStaysInTheNetworkPackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..broker.network..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(classes);
    }

    @Test
    void theNetworkKnowsHandlersOnly() {
        noClasses()
                .that()
                .resideInAPackage("..broker.network..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.barnabas.storage..",
                        "io.barnabas.metadata..",
                        "..broker.partition..",
                        "..broker.coordinator..",
                        "..broker.controlplane..")
                .check(classes);
    }

    @Test
    void handlersKnowNeitherTheNetworkNorFiles() {
        noClasses()
                .that()
                .resideInAPackage("..broker.handler..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "..broker.network..", "io.barnabas.storage.segment..", "io.barnabas.storage.index..")
                .check(classes);
    }

    @Test
    void partitionsKnowNoOneAboveThem() {
        noClasses()
                .that()
                .resideInAPackage("..broker.partition..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "..broker.network..",
                        "..broker.handler..",
                        "..broker.controlplane..",
                        "..broker.coordinator..",
                        "io.barnabas.metadata..")
                .check(classes);
    }

    @Test
    void consensusStaysInItsModule() {
        noClasses()
                .that()
                .resideInAPackage("io.barnabas.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.alipay..", "com.google.protobuf..")
                .check(classes);
    }

    @Test
    void prometheusStaysInTelemetry() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..broker.telemetry..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.prometheus..")
                .check(classes);
    }

    @Test
    void coordinatorsArePure() {
        noClasses()
                .that()
                .resideInAPackage("..broker.coordinator..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "io.barnabas.storage..", "java.util.concurrent..", "java.nio.file..")
                .allowEmptyShould(true)
                .check(classes);
    }
}
