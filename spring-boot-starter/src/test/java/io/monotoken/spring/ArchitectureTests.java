package io.monotoken.spring;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

/** Where the arrows point, over all modules that the starter knows. A rule that matches no class fails. */
@AnalyzeClasses(packages = "io.monotoken", importOptions = DoNotIncludeTests.class)
class ArchitectureTests {

    private static final String CLIENT = "io.monotoken.spring.client";
    private static final String AUTOCONFIGURE = "io.monotoken.spring.autoconfigure";
    private static final String ACTUATE = "io.monotoken.spring.actuate";

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CYCLE =
            slices().assignedFrom(new EachPackage()).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_CLIENT_NEEDS_NO_SPRING_BOOT = noClasses()
            .that()
            .resideInAPackage(CLIENT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework.boot..");

    @ArchTest
    static final ArchRule THE_CLIENT_IS_THE_LOWEST = noClasses()
            .that()
            .resideInAPackage(CLIENT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(AUTOCONFIGURE, ACTUATE);

    @ArchTest
    static final ArchRule AUTO_CONFIGURATION_DOES_NOT_KNOW_WHO_SHOWS_IT = noClasses()
            .that()
            .resideInAPackage(AUTOCONFIGURE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ACTUATE);

    @ArchTest
    static final ArchRule METERS_NEED_NO_SPRING = noClasses()
            .that()
            .resideInAPackage("io.monotoken.micrometer")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework..");

    @ArchTest
    static final ArchRule PUBLIC_TYPES_ARE_WHERE_USERS_MAY_IMPORT_THEM = classes()
            .that()
            .arePublic()
            .should()
            .resideInAnyPackage(
                    "io.monotoken",
                    "io.monotoken.endpoint",
                    "io.monotoken.micrometer",
                    "io.monotoken.redis",
                    CLIENT,
                    AUTOCONFIGURE,
                    ACTUATE,
                    "io.monotoken.testing");

    /** Makes a slice of each package; a pattern such as {@code io.monotoken.(**)} would leave the first one out. */
    private static final class EachPackage implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "each package";
        }
    }
}
