package io.monotoken;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
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

/** Where the arrows point inside core. A rule that matches no class fails. */
@AnalyzeClasses(packages = "io.monotoken", importOptions = DoNotIncludeTests.class)
class ArchitectureTests {

    private static final String SOURCE = "io.monotoken";
    private static final String ENDPOINT = "io.monotoken.endpoint";

    @ArchTest
    static final ArchRule THE_SOURCE_DOES_NOT_KNOW_THE_ENDPOINT = noClasses()
            .that()
            .resideInAPackage(SOURCE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ENDPOINT);

    /** But for JSON in what it writes into a shared store, what it signs, and keys that it signs with. */
    @ArchTest
    static final ArchRule THE_SOURCE_DOES_NOT_KNOW_HTTP_AND_JSON = noClasses()
            .that()
            .resideInAPackage(SOURCE)
            .and()
            .areNotAssignableTo(RecordFormat.class)
            .and()
            .areNotAssignableTo(AssertionSettings.class)
            .and()
            .areNotAssignableTo(KeyReader.class)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("reactor.netty..", "io.netty..", "tools.jackson..");

    /** But for the interface that makes its own implementations. */
    @ArchTest
    static final ArchRule FILES_FORM_NO_CIRCLE = slices().assignedFrom(new EachFile())
            .should()
            .beFreeOfCycles()
            .ignoreDependency(
                    belongToAnyOf(TokenSource.class), belongToAnyOf(SharedTokenSource.class, FixedTokenSource.class));

    @ArchTest
    static final ArchRule PUBLIC_TYPES_ARE_WHERE_USERS_MAY_IMPORT_THEM =
            classes().that().arePublic().should().resideInAnyPackage(SOURCE, ENDPOINT);

    /** Makes a slice of each top-level type with the types inside it. */
    private static final class EachFile implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getName().split("\\$", 2)[0]);
        }

        @Override
        public String getDescription() {
            return "each file";
        }
    }
}
