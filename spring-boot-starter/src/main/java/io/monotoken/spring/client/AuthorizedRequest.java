package io.monotoken.spring.client;

import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeStrategies;
import reactor.core.publisher.Mono;

/**
 * A request with its {@code Authorization} header. It puts the header on the wire and leaves the rest to the request it
 * was made of, which spares a copy of headers, cookies and attributes for each exchange.
 */
final class AuthorizedRequest implements ClientRequest {

    private final ClientRequest request;
    private final String authorization;

    AuthorizedRequest(ClientRequest request, String authorization) {
        this.request = request;
        this.authorization = authorization;
    }

    @Override
    public Mono<Void> writeTo(ClientHttpRequest http, ExchangeStrategies strategies) {
        http.getHeaders().set(HttpHeaders.AUTHORIZATION, authorization); // the request replaces no header that is there
        return request.writeTo(http, strategies);
    }

    @Override
    public HttpHeaders headers() {
        HttpHeaders headers = new HttpHeaders();
        headers.addAll(request.headers());
        headers.set(HttpHeaders.AUTHORIZATION, authorization);
        return HttpHeaders.readOnlyHttpHeaders(headers);
    }

    @Override
    public HttpMethod method() {
        return request.method();
    }

    @Override
    public URI url() {
        return request.url();
    }

    @Override
    public MultiValueMap<String, String> cookies() {
        return request.cookies();
    }

    @Override
    public BodyInserter<?, ? super ClientHttpRequest> body() {
        return request.body();
    }

    @Override
    public Map<String, Object> attributes() {
        return request.attributes();
    }

    @Override
    public @Nullable Consumer<ClientHttpRequest> httpRequest() {
        return request.httpRequest();
    }

    @Override
    public String logPrefix() {
        return request.logPrefix();
    }
}
