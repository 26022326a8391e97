package io.monotoken.spring.orders;

import io.monotoken.TokenSource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

@RestController
class OrdersController {

    private final WebClient orders;
    private final TokenSource tokens;

    OrdersController(WebClient orders, TokenSource tokens) {
        this.orders = orders;
        this.tokens = tokens;
    }

    @GetMapping("/orders")
    Mono<String> orders() {
        return orders.get().uri("/orders").retrieve().bodyToMono(String.class);
    }

    @GetMapping("/scopes")
    Mono<String> scopes() {
        return tokens.token().map(token -> String.join(" ", token.scopes()));
    }
}
