package io.monotoken.spring.client;

import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeStrategies;
import reactor.core.publisher.Mono;

/**
 * A request with its {@code Authorization} header on the wire, and nowhere else: exceptions, logs and answers keep the
 * headers of their request. It leaves the rest to the request it was made of, which spares a copy of headers, cookies and
 * attributes for each exchange.
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
        authorize(http); // the request replaces no header that is there
        return request.writeTo(http, strategies);
    }

    private void authorize(ClientHttpRequest http) {
        http.getHeaders().set(HttpHeaders.AUTHORIZATION, authorization);
    }

    @Override
    public HttpHeaders headers() {
        if (!request.headers().containsHeader(HttpHeaders.AUTHORIZATION)) {
            return request.headers();
        }
        HttpHeaders headers = new HttpHeaders();
        headers.addAll(request.headers());
        headers.remove(HttpHeaders.AUTHORIZATION);
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

    /** {@return what puts the header on a request that a filter makes anew with the body of this one, as load balancers do} */
    @Override
    public BodyInserter<?, ? super ClientHttpRequest> body() {
        BodyInserter<?, ? super ClientHttpRequest> body = request.body();
        return (BodyInserter<Object, ClientHttpRequest>) (http, context) -> {
            authorize(http);
            return body.insert(http, context);
        };
    }

    @Override
    public Map<String, Object> attributes() {
        return request.attributes();
    }

    /** {@return what puts the header on a copy of this request, also one with another body} */
    @Override
    public Consumer<ClientHttpRequest> httpRequest() {
        Consumer<ClientHttpRequest> own = request.httpRequest();
        Consumer<ClientHttpRequest> authorize = this::authorize;
        return own == null ? authorize : own.andThen(authorize);
    }

    @Override
    public String logPrefix() {
        return request.logPrefix();
    }
}
