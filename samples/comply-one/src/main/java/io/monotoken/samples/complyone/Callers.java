package io.monotoken.samples.complyone;

import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Those who ask Comply One for its employees. They know nothing of tokens. */
@Component
public final class Callers {

    private final WebClient complyOne;

    Callers(WebClient complyOne) {
        this.complyOne = complyOne;
    }

    /** {@return what one of them sees; never an error} */
    public Mono<Answer> one() {
        return complyOne
                .get()
                .uri("/employees")
                .exchangeToMono(response -> response.releaseBody()
                        .thenReturn(Integer.toString(response.statusCode().value())))
                .onErrorResume(failure -> Mono.just(String.valueOf(failure.getMessage())))
                .timed()
                .map(outcome -> new Answer(outcome.get(), outcome.elapsedSinceSubscription()));
    }

    /** {@return what so many of them see who ask at the same time} */
    public Mono<Answers> atOnce(int callers) {
        return Flux.range(0, callers)
                .flatMap(caller -> one(), callers)
                .collectList()
                .map(Answers::new);
    }

    /** {@return what they see who ask one after the other, without waiting for each other's answers} */
    public Mono<Answers> oneAfterTheOther(Flux<?> arrivals) {
        return arrivals.flatMap(arrival -> one(), Integer.MAX_VALUE)
                .collectList()
                .map(Answers::new);
    }
}
