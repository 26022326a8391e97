package io.monotoken;

import static io.monotoken.TokenListener.Lookup.FAILED;
import static io.monotoken.TokenListener.Lookup.FRESH;
import static io.monotoken.TokenListener.Lookup.STALE;
import static io.monotoken.TokenListener.Lookup.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** What listeners are notified of. */
class TokenListenerTests {

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;

    @Test
    void notifiesOfWhatEachCallerMet() {
        fixture.obtain();
        fixture.obtain();
        fixture.time.advance(Duration.ofSeconds(1500));
        endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
        fixture.obtain();
        fixture.time.advance(Duration.ofSeconds(300));
        fixture.failure();
        fixture.failure();

        assertThat(fixture.lookups).containsExactly(WAITING, FRESH, STALE, WAITING, FAILED);
    }

    @Test
    void notifiesOfHowLongCallersWaited() {
        endpoint.answer(request ->
                Mono.delay(Duration.ofMillis(300), fixture.time.timer).map(late -> endpoint.token()));
        fixture.token().subscribe();
        fixture.time.advanceMillis(100);
        fixture.token().subscribe();
        Disposable impatient = fixture.token().subscribe();
        fixture.time.advanceMillis(50);
        impatient.dispose();
        impatient.dispose();
        fixture.time.advanceMillis(150);

        assertThat(fixture.waits)
                .containsExactlyInAnyOrder(Duration.ofMillis(300), Duration.ofMillis(200), Duration.ofMillis(50));
    }

    @Test
    void notifiesOfHowEachRequestEnded() {
        fixture.obtain();
        fixture.time.advance(Duration.ofSeconds(1800));
        endpoint.answer(
                login -> Mono.delay(Duration.ofMillis(20), fixture.time.timer).map(late -> endpoint.token()),
                refresh -> Mono.just(ScriptedEndpoint.rejected(400, "invalid_grant")));
        fixture.token().subscribe();
        fixture.time.advanceMillis(20);

        assertThat(fixture.answers).containsExactly("password 0", "refresh_token Rejected 0", "password 20");
    }

    @Test
    void notifiesOfARequestThatIsCutShort() {
        endpoint.hang();
        fixture.token().subscribe(token -> {}, error -> {});

        fixture.time.advance(Duration.ofSeconds(15));

        assertThat(fixture.answers).containsExactly("password Unavailable 15000");
    }
}
