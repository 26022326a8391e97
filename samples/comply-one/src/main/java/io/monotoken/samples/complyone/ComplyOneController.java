package io.monotoken.samples.complyone;

import io.monotoken.TokenException;
import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientException;
import reactor.core.publisher.Mono;

/** What this application serves: a resource of Comply One, and how its token is doing. */
@RestController
final class ComplyOneController {

    private final WebClient complyOne;
    private final TokenSource tokens;

    ComplyOneController(WebClient complyOne, TokenSource tokens) {
        this.complyOne = complyOne;
        this.tokens = tokens;
    }

    @GetMapping(path = "/employees", produces = MediaType.APPLICATION_JSON_VALUE)
    Mono<String> employees() {
        return complyOne.get().uri("/employees").retrieve().bodyToMono(String.class);
    }

    @GetMapping("/token")
    TokenSourceState token() {
        return tokens.state();
    }

    @ExceptionHandler
    ProblemDetail noToken(TokenException failure) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, failure.getMessage());
    }

    @ExceptionHandler
    ProblemDetail noEmployees(WebClientException failure) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_GATEWAY, failure.getMessage());
    }
}
