package io.monotoken.samples.complyone;

import java.util.List;
import java.util.regex.Pattern;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Answers only to the names of this machine. Whoever owns another name can make it mean 127.0.0.1 (DNS rebinding), and a page
 * under that name could then press the buttons and read the employees.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class LocalNamesOnly implements WebFilter {

    private static final Pattern LOCAL =
            Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]{1,5})?", Pattern.CASE_INSENSITIVE);

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        List<String> hosts = exchange.getRequest().getHeaders().getOrDefault(HttpHeaders.HOST, List.of());
        if (hosts.size() == 1 && LOCAL.matcher(hosts.get(0)).matches()) {
            return chain.filter(exchange);
        }
        exchange.getResponse().setStatusCode(HttpStatus.MISDIRECTED_REQUEST);
        return exchange.getResponse().setComplete();
    }
}
