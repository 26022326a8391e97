package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Who keeps refresh tokens gets each new one before callers get the access token. */
class RefreshTokenStoreTests {

    private static final Duration ENDED = Duration.ofSeconds(1800);

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;
    private final List<String> kept = new ArrayList<>();
    private final List<String> got = new ArrayList<>();
    private final Sinks.Empty<Void> storing = Sinks.empty();

    private Mono<Void> keep(String refreshToken) {
        kept.add(refreshToken);
        return Mono.empty();
    }

    private void call() {
        fixture.token().subscribe(token -> got.add(token.value()), error -> got.add(error.getMessage()));
        fixture.time.advanceMillis(0);
    }

    @Test
    void getsThatOfALoginAndEachRotatedOne() {
        fixture.store = this::keep;
        fixture.obtain();
        fixture.time.advance(ENDED);
        fixture.obtain();

        assertThat(kept).containsExactly("refresh-1", "refresh-2");
    }

    @Test
    void doesNotGetTheSameOneTwice() {
        fixture.store = this::keep;
        endpoint.answer(request -> Mono.just(endpoint.token("access", 1800.0, "the-only-one")));
        fixture.obtain();
        fixture.time.advance(ENDED);
        fixture.obtain();

        assertThat(kept).containsExactly("the-only-one");
    }

    @Test
    void doesNotGetTheOneOfAClientCredentialsAnswer() {
        fixture.store = this::keep;
        fixture.grant = new ClientCredentialsGrant(List.of());

        fixture.obtain();

        assertThat(kept).isEmpty();
    }

    @Test
    void getsItBeforeCallersGetTheAccessToken() {
        fixture.store = refreshToken -> storing.asMono();
        call();
        assertThat(got).isEmpty();

        storing.tryEmitEmpty();
        fixture.time.advanceMillis(0);

        assertThat(got).containsExactly("access-1");
    }

    @Test
    void keepsNobodyWaitingForMoreThanTwoSecondsAndIsNotInterrupted() {
        fixture.store = refreshToken -> storing.asMono().doOnSuccess(done -> kept.add(refreshToken));
        call();
        fixture.time.advanceMillis(1_999);
        assertThat(got).isEmpty();

        fixture.time.advanceMillis(1);
        assertThat(got).containsExactly("access-1");
        assertThat(kept).isEmpty();

        storing.tryEmitEmpty();
        assertThat(kept).containsExactly("refresh-1");
    }

    @Test
    void keepsNobodyWaitingBeyondTheRefreshTimeout() {
        endpoint.answer(request ->
                Mono.delay(Duration.ofSeconds(14), fixture.time.timer).map(late -> endpoint.token()));
        fixture.store = refreshToken -> storing.asMono();
        call();
        fixture.time.advance(Duration.ofSeconds(14));
        assertThat(got).isEmpty();

        fixture.time.advance(Duration.ofSeconds(1));

        assertThat(got).containsExactly("access-1");
    }

    @Test
    void keepsNoReaderOfAUsableTokenWaiting() {
        fixture.store = refreshToken -> kept.isEmpty() ? keep(refreshToken) : storing.asMono();
        fixture.obtain();
        fixture.time.advance(Duration.ofSeconds(1500));
        call();

        call();

        assertThat(got).containsExactly("access-1", "access-1");
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void harmsNobodyWhenItFails() {
        fixture.store = refreshToken -> Mono.error(new IllegalStateException("no disk: " + refreshToken));
        assertThat(fixture.obtain().value()).isEqualTo("access-1");

        fixture.time.advance(ENDED);
        assertThat(fixture.obtain().value()).isEqualTo("access-2");
        assertThat(fixture.events).noneMatch(event -> event.startsWith("failed"));
    }

    @Test
    void harmsNobodyWhenItThrows() {
        fixture.store = refreshToken -> {
            throw new NoClassDefFoundError("driver");
        };

        assertThat(fixture.obtain().value()).isEqualTo("access-1");
    }

    @Test
    void isNotWaitedForByAClosedSource() {
        fixture.store = refreshToken -> storing.asMono();
        call();

        fixture.source().close();
        fixture.time.advanceMillis(0);

        assertThat(got)
                .containsExactly(fixture.tokenUri + " gave client 'client' no token: its token source is closed");
    }

    @Test
    void failsAtOnceWhenItNeedsATokenOfTheSourceItKeeps() {
        List<String> inside = new ArrayList<>();
        fixture.store = refreshToken -> fixture.token()
                .doOnError(error -> inside.add(error.getMessage()))
                .then();

        assertThat(fixture.obtain().value()).isEqualTo("access-1");

        assertThat(inside).singleElement().asString().contains("this very request for one needs it");
    }
}
