package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** An API one of whose nodes says 401 to good tokens, and one that says 401 where it means 403; in a time of their own. */
class RejectedAtRandomTests {

    private static final URI API = URI.create("https://api.example.com");
    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    private final Renewing tokens = new Renewing();
    private final BearerTokenFilter filter = BearerTokenFilter.builder("comply-one", tokens)
            .originOf(API)
            .time(() -> tokens.now, Schedulers::parallel)
            .build();
    private int sent;

    private HttpStatus status(ExchangeFunction api) {
        return HttpStatus.valueOf(
                filter.filter(ClientRequest.create(HttpMethod.GET, API).build(), api)
                        .blockOptional(FIVE_SECONDS)
                        .orElseThrow()
                        .statusCode()
                        .value());
    }

    private Mono<ClientResponse> answer(HttpStatus status) {
        sent++;
        return Mono.just(ClientResponse.create(status).build());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void reachesFewCallersWithNoMoreRenewals(long seed) {
        Random random = new Random(seed);
        int requests = 144_000; // in 210 s
        int reached = 0;

        for (int i = 0; i < requests; i++) {
            tokens.now += TimeUnit.SECONDS.toNanos(210) / requests;
            HttpStatus status =
                    status(request -> answer(random.nextInt(100) == 0 ? HttpStatus.UNAUTHORIZED : HttpStatus.OK));
            reached += status == HttpStatus.UNAUTHORIZED ? 1 : 0;
        }

        assertThat(reached).isLessThanOrEqualTo(30);
        assertThat(tokens.renewals).isLessThanOrEqualTo(21);
        assertThat(sent - requests).isBetween(1_200, 1_700);
    }

    @Test
    void isNotAskedTwiceForEverything() {
        int reached = 0;

        for (int i = 0; i < 10_000; i++) { // in 100 s
            tokens.now += TimeUnit.MILLISECONDS.toNanos(10);
            boolean forbidden = i % 2 == 0;
            HttpStatus status = status(request -> answer(forbidden ? HttpStatus.UNAUTHORIZED : HttpStatus.OK));
            reached += status == HttpStatus.UNAUTHORIZED ? 1 : 0;
        }

        assertThat(reached).isEqualTo(5_000);
        assertThat(sent - 10_000).isLessThanOrEqualTo(1_000 + tokens.renewals).isGreaterThan(800);
        assertThat(tokens.renewals).isLessThanOrEqualTo(11);
    }

    @Test
    void isNotAskedTwiceIfItNeverAcceptedTheToken() {
        for (int i = 0; i < 1_000; i++) {
            tokens.now += TimeUnit.MILLISECONDS.toNanos(10);
            assertThat(status(request -> answer(HttpStatus.UNAUTHORIZED))).isEqualTo(HttpStatus.UNAUTHORIZED);
        }

        assertThat(sent - 1_000).isEqualTo(tokens.renewals);
    }

    /** Renews a rejected token at once, and the next one ten seconds after that at the earliest. */
    private static final class Renewing implements TokenSource {

        private long now;
        private int renewals;
        private long renewFrom;

        @Override
        public Mono<Token> token() {
            return Mono.just(ScriptedTokens.token("token-" + renewals));
        }

        @Override
        public Mono<Token> token(Duration minimumRemaining) {
            return token();
        }

        @Override
        public boolean invalidate(Token token) {
            if (!token.value().equals("token-" + renewals)) {
                return true;
            }
            if (now < renewFrom) {
                return false;
            }
            renewals++;
            renewFrom = now + TimeUnit.SECONDS.toNanos(10);
            return true;
        }

        @Override
        public TokenSourceState state() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void reset() {}

        @Override
        public void close() {}
    }
}
