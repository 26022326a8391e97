package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenAnswer.Delivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/**
 * What proves the client changes while callers come four times a second: the server cuts over at once, or what supplies the new
 * proof does not work for a while. Nobody misses a token as long as one is good.
 */
class ProofRotationTests {

    private static final Duration RENEWAL = Duration.ofSeconds(1200);
    private static final Duration TWO_LIVES = Duration.ofHours(1);

    private final SourceFixture fixture = new SourceFixture();
    private String accepted = "old";
    private Mono<String> supplied = Mono.just("old");
    private final List<TokenException> failures = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();

    ProofRotationTests() {
        fixture.endpoint.answer(this::judge);
    }

    /** As the endpoint does it: what cannot be had is not sent, and what is sent is judged. */
    private Mono<TokenAnswer> judge(TokenRequest request) {
        return supplied.timeout(Duration.ofSeconds(5), fixture.time.timer)
                .map(proof -> {
                    if (proof.equals(accepted)) {
                        return fixture.endpoint.token();
                    }
                    refused.add(request.grantType());
                    return ScriptedEndpoint.rejected(401, "invalid_client");
                })
                .switchIfEmpty(Mono.just(TokenAnswer.unavailable(Delivery.NOT_SENT, "nothing came")))
                .onErrorReturn(TokenAnswer.unavailable(Delivery.NOT_SENT, "could not be had"));
    }

    private void callers(Duration during) {
        for (long left = during.toMillis(); left > 0; left -= 250) {
            fixture.token().subscribe(token -> {}, error -> failures.add((TokenException) error));
            fixture.time.advanceMillis(250);
        }
    }

    /** Attempts follow the first refusal by 30, 90 and 210 s, and the token is good for 600 s then. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 20, 60, 180})
    void aServerThatCutsOverAtOnceFailsNoCall(long secondsUntilTheClientFollows) {
        fixture.settings = RefreshSettings.defaults().withAhead(Duration.ofSeconds(600));
        callers(RENEWAL.minusSeconds(1));

        accepted = "new";
        callers(Duration.ofSeconds(secondsUntilTheClientFollows));
        supplied = Mono.just("new");
        callers(TWO_LIVES);

        assertThat(failures).isEmpty();
        assertThat(refused.size()).isLessThanOrEqualTo(4);
        assertThat(refused)
                .as("invalid_client stops the login that would follow")
                .doesNotContain("password");
        assertThat(fixture.endpoint.requests("password"))
                .as("the refresh token was kept")
                .isEqualTo(1);
        assertThat(fixture.endpoint.requests("refresh_token")).isGreaterThan(refused.size());
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of("hangs", Mono.<String>never()),
                Arguments.of("is empty", Mono.<String>empty()),
                Arguments.of("fails", Mono.<String>error(new IllegalStateException("no vault"))),
                Arguments.of("throws", Mono.<String>fromSupplier(() -> {
                    throw new IllegalStateException("no file");
                })));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void aSupplierThatDoesNotWorkFailsNoCallAndSpendsNothing(String name, Mono<String> fault) {
        callers(RENEWAL);

        supplied = fault;
        callers(Duration.ofMinutes(9));
        supplied = Mono.just("old");
        callers(TWO_LIVES);

        assertThat(failures).isEmpty();
        assertThat(refused).isEmpty();
        assertThat(fixture.endpoint.requests("password")).isEqualTo(1);
        assertThat(fixture.endpoint.requests("refresh_token")).isGreaterThan(2);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void aSupplierThatDoesNotWorkAtTheStartFailsCallsSoonAndIsAskedAgain(String name, Mono<String> fault) {
        supplied = fault;
        callers(Duration.ofSeconds(20));

        assertThat(failures).isNotEmpty().allMatch(failure -> failure instanceof TokenException.Unavailable);
        supplied = Mono.just("old");
        fixture.time.advance(Duration.ofSeconds(20)); // the flight that hangs ends, and a pause of 10 s at most
        failures.clear();
        callers(Duration.ofSeconds(5));

        assertThat(failures).isEmpty();
        assertThat(refused).isEmpty();
    }

    @Test
    void twoRotationsInOneLifeCostOneRefusalAtMost() {
        callers(Duration.ofMinutes(5));
        accepted = "second";
        supplied = Mono.just("second");
        callers(Duration.ofMinutes(5));
        accepted = "third";
        supplied = Mono.just("third");
        callers(TWO_LIVES);

        assertThat(failures).isEmpty();
        assertThat(refused).isEmpty();
    }
}
