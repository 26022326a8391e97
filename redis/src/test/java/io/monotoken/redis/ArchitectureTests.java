package io.monotoken.redis;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.monotoken.redis", importOptions = DoNotIncludeTests.class)
class ArchitectureTests {

    @ArchTest
    static final ArchRule THE_STORE_NEEDS_NO_SPRING = noClasses()
            .that()
            .resideInAPackage("io.monotoken.redis")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "io.monotoken.spring..");
}
