package io.monotoken.micrometer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.monotoken.micrometer", importOptions = DoNotIncludeTests.class)
class ArchitectureTests {

    @ArchTest
    static final ArchRule METERS_NEED_NO_SPRING = noClasses()
            .that()
            .resideInAPackage("io.monotoken.micrometer")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "io.monotoken.spring..");
}
