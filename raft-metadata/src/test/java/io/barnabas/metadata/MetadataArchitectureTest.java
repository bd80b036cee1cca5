package io.barnabas.metadata;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** The dependency rules of this module. */
class MetadataArchitectureTest {
    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.barnabas.metadata");
    }

    @Test
    void imagesKnowRecordsOnly() {
        classes()
                .that()
                .resideInAPackage("..metadata.image..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.pcollections..", "io.barnabas.protocol..", "..metadata.image..")
                .check(classes);
    }

    @Test
    void theControllerDoesNotKnowTheQuorum() {
        classes()
                .that()
                .resideInAPackage("..metadata.controller..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.slf4j..",
                        "io.barnabas.protocol..",
                        "..metadata.image..",
                        "..metadata.controller..")
                .check(classes);
    }

    @Test
    void onlyTheQuorumKnowsJRaft() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..metadata.quorum..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.alipay..", "com.google.protobuf..", "com.lmax..")
                .check(classes);
    }

    @Test
    void theQuorumKnowsNothingOfMetadata() {
        classes()
                .that()
                .resideInAPackage("..metadata.quorum..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.slf4j..",
                        "com.alipay.sofa.jraft..",
                        "com.google.protobuf..",
                        "..metadata.quorum..")
                .check(classes);
    }

    /** Bolt and Hessian read objects from the network; RocksDB brings 60 MB of native code. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "com.alipay.remoting.rpc.RpcServer",
                "com.caucho.hessian.io.HessianInput",
                "com.alipay.hessian.generic.io.GenericDeserializer",
                "org.rocksdb.RocksDB",
                "com.sun.jna.Native"
            })
    void whatJRaftIsUsedWithoutIsNotOnTheClassPath(String name) {
        assertThrows(ClassNotFoundException.class, () -> Class.forName(name));
    }

    @Test
    void decidingIsPure() {
        noClasses()
                .that()
                .resideInAnyPackage("..metadata.image..", "..metadata.controller..")
                .and(not(simpleName("Controller")))
                .and()
                .haveNameNotMatching(".*\\.(Controller(Queue|\\$.*)|CommittedMetadata|Proposals)")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.util\\.concurrent\\..*|java\\.nio\\.file\\..*|java\\.lang\\.Thread"
                        + "|java\\.util\\.Random|java\\.time\\..*|org\\.slf4j\\..*")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(classes);
    }
}
