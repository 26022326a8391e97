package io.monotoken.micrometer;

import static io.monotoken.micrometer.ComplyOne.BOUND;
import static io.monotoken.micrometer.ComplyOne.fail;
import static io.monotoken.micrometer.ComplyOne.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.monotoken.TokenSource;
import io.monotoken.testing.StandInTokenServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.util.context.Context;

class ObservedRequestsTests {

    private final TestObservationRegistry observations = TestObservationRegistry.create();
    private final StandInTokenServer server = StandInTokenServer.stemsAccounts().start();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void observesARequest() {
        try (TokenSource tokens = ComplyOne.tokens(server, ObservedRequests.of("comply-one", observations))) {
            token(tokens);
        }

        TestObservationRegistryAssert.assertThat(observations)
                .hasSingleObservationThat()
                .hasNameEqualTo("monotoken.token.request")
                .hasContextualNameEqualTo("token request comply-one")
                .hasLowCardinalityKeyValue("client", "comply-one")
                .hasLowCardinalityKeyValue("grant", "password")
                .hasLowCardinalityKeyValue("outcome", "SUCCESS")
                .hasLowCardinalityKeyValue("error.type", "none")
                .doesNotHaveError()
                .hasBeenStarted()
                .hasBeenStopped();
    }

    @Test
    void observesARefusal() {
        try (TokenSource tokens =
                ComplyOne.tokens(server.tokenUri(), "wrong", ObservedRequests.of("comply-one", observations))) {
            fail(tokens);
            tokens.reset();
        }

        TestObservationRegistryAssert.assertThat(observations)
                .hasSingleObservationThat()
                .hasLowCardinalityKeyValue("outcome", "REJECTED")
                .hasLowCardinalityKeyValue("error.type", "invalid_grant")
                .hasError()
                .hasBeenStopped();
    }

    @ParameterizedTest
    @CsvSource({
        "503, '', UNAVAILABLE, 503",
        "400, '{\"error\":\"made_up_today\"}', REJECTED, _OTHER",
        "400, 'no', REJECTED, 400",
        "200, '<html>', MALFORMED, Malformed",
        "302, '', MALFORMED, Malformed",
    })
    void hasFewTypesOfErrors(int status, String body, String outcome, String errorType) throws IOException {
        try (MockWebServer odd = new MockWebServer()) {
            odd.enqueue(new MockResponse.Builder().code(status).body(body).build());
            odd.start();
            try (TokenSource tokens = ComplyOne.tokens(
                    odd.url("/token").uri(), "P4ssw0rd", ObservedRequests.of("comply-one", observations))) {
                fail(tokens);
                tokens.reset();
            }
        }

        TestObservationRegistryAssert.assertThat(observations)
                .hasSingleObservationThat()
                .hasLowCardinalityKeyValue("outcome", outcome)
                .hasLowCardinalityKeyValue("error.type", errorType);
    }

    @Test
    void knowsNoOutcomeWhileARequestIsInFlight() {
        ObservationRegistry registry = ObservationRegistry.create();
        List<String> outcomes = new ArrayList<>();
        whenStarted(
                registry,
                started -> outcomes.add(started.getLowCardinalityKeyValues().toString()));

        try (TokenSource tokens = ComplyOne.tokens(server, ObservedRequests.of("comply-one", registry))) {
            token(tokens);
        }

        assertThat(outcomes).singleElement(InstanceOfAssertFactories.STRING).contains("outcome", "UNKNOWN");
    }

    @Test
    void startsATraceOfItsOwnWhoeverAsks() {
        ObservationRegistry registry = ObservationRegistry.create();
        List<String> parents = new ArrayList<>();
        whenStarted(registry, started -> {
            parents.add(String.valueOf(started.getParentObservation()));
            Observation current = registry.getCurrentObservation();
            parents.add(
                    current == null
                            ? "nobody"
                            : String.valueOf(current.getContext().getName()));
        });

        try (TokenSource tokens = ComplyOne.tokens(server, ObservedRequests.of("comply-one", registry))) {
            Observation caller = Observation.start("caller", registry);
            try (Observation.Scope scope = caller.openScope()) {
                tokens.token()
                        .contextWrite(Context.of(ObservationThreadLocalAccessor.KEY, caller))
                        .block(BOUND);
                assertThat(scope.getCurrentObservation()).isSameAs(registry.getCurrentObservation());
            }
            caller.stop();
        }

        assertThat(parents).containsExactly("null", "null");
    }

    private static void whenStarted(ObservationRegistry registry, Consumer<TokenRequestObservationContext> action) {
        registry.observationConfig().observationHandler(new ObservationHandler<TokenRequestObservationContext>() {
            @Override
            public void onStart(TokenRequestObservationContext started) {
                action.accept(started);
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof TokenRequestObservationContext;
            }
        });
    }

    @Test
    void takesAnotherConvention() {
        ObservedRequests renamed = ObservedRequests.of("comply-one", observations)
                .withConvention(new DefaultTokenRequestObservationConvention() {
                    @Override
                    public String getName() {
                        return "sso.request";
                    }
                });

        try (TokenSource tokens = ComplyOne.tokens(server, renamed)) {
            token(tokens);
        }

        TestObservationRegistryAssert.assertThat(observations)
                .hasNumberOfObservationsEqualTo(1)
                .hasObservationWithNameEqualTo("sso.request");
    }

    @Test
    void documentsTheKeysThatItHas() {
        try (TokenSource tokens = ComplyOne.tokens(server, ObservedRequests.of("comply-one", observations))) {
            token(tokens);
        }

        TestObservationRegistryAssert.assertThat(observations)
                .hasSingleObservationThat()
                .hasOnlyKeys(Stream.of(TokenRequestObservationDocumentation.TOKEN_REQUEST.getLowCardinalityKeyNames())
                        .map(KeyName::asString)
                        .toArray(String[]::new));
    }
}
