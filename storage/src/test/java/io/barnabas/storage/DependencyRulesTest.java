package io.barnabas.storage;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

class DependencyRulesTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.barnabas.storage");

    @Test
    void storageNeedsOnlyTheJdkTheProtocolAndALogger() {
        ArchRuleDefinition.classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "io.barnabas.protocol..", "io.barnabas.storage..", "org.slf4j..")
                .check(CLASSES);
    }

    @Test
    void packagesFormLayers() {
        noClasses()
                .that()
                .resideInAPackage("..storage.file..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "..storage.index..",
                        "..storage.segment..",
                        "..storage.dir..",
                        "..storage.recovery..",
                        "..storage.log..",
                        "..storage.producer..",
                        "..storage.epoch..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAnyPackage(
                        "..storage.index..",
                        "..storage.segment..",
                        "..storage.dir..",
                        "..storage.recovery..",
                        "..storage.retention..",
                        "..storage.producer..",
                        "..storage.epoch..",
                        "..storage.checkpoint..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("..storage.log..")
                .check(CLASSES);
    }

    @Test
    void theFileSystemIsTouchedOnlyThroughTheDiskPort() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..storage.file..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.file.Files")
                .check(CLASSES);
    }

    @Test
    void retentionIsPure() {
        noClasses()
                .that()
                .resideInAPackage("..storage.retention..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.io..", "java.nio..", "java.time..", "java.util.concurrent..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .check(CLASSES);
    }
}
