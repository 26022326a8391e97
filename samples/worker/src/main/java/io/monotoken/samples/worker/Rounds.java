package io.monotoken.samples.worker;

import io.monotoken.TokenException;
import io.monotoken.TokenSource;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientException;
import reactor.core.publisher.Mono;

/** The work. A round that fails is left out; the next one comes anyway, and finds a token as soon as there can be one. */
@Component
final class Rounds {

    private static final ParameterizedTypeReference<Map<String, String>> EMPLOYEE =
            new ParameterizedTypeReference<>() {};

    private final WebClient complyOne;
    private final TokenSource tokens;
    private final AtomicLong round = new AtomicLong();

    Rounds(WebClient complyOne, TokenSource tokens) {
        this.complyOne = complyOne;
        this.tokens = tokens;
    }

    @Scheduled(fixedRateString = "${worker.pace}")
    Mono<Void> round() {
        return complyOne
                .get()
                .uri("/employees")
                .retrieve()
                .bodyToFlux(EMPLOYEE)
                .count()
                .map(employees -> "employees checked: " + employees)
                .onErrorResume(TokenException.class, failure -> Mono.just("no token: " + whatToDo(failure)))
                .onErrorResume(WebClientException.class, failure -> Mono.just("no answer: " + failure.getMessage()))
                .doOnNext(outcome -> System.out.println("Round " + round.incrementAndGet() + ", token "
                        + tokens.state().phase().name().toLowerCase(Locale.ROOT) + ", " + outcome))
                .then();
    }

    /** Says what a person has to do; the round itself does nothing, because the source decides when to ask again. */
    private static String whatToDo(TokenException failure) {
        if (failure instanceof TokenException.Rejected rejected) {
            return "somebody must look at the account (" + rejected.error().orElse("no code") + ")";
        }
        return "it will be back";
    }
}
