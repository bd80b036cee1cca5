package io.barnabas.protocol;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

class DependencyRulesTest {
    @Test
    void theProtocolKnowsOnlyTheJdkAndTheCompressionCodecs() {
        var classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.barnabas.protocol");
        classes()
                .that()
                // Only on the class path of the build.
                .resideOutsideOfPackage("io.barnabas.protocol.generator..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "io.barnabas.protocol..", "com.github.luben.zstd..", "net.jpountz..", "org.xerial..")
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("io.barnabas.protocol.wire..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.barnabas.protocol.message..", "io.barnabas.protocol.record..")
                .check(classes);
    }
}
