package io.monotoken.benchmarks;

import io.monotoken.TokenSource;
import io.monotoken.spring.client.BearerTokenFilter;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/** The filter, with a token at hand, costs little more than one that sets a constant header. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WarmFilterBenchmark {

    private static final URI API = URI.create("https://api.comply-one.com/v3/employees");

    private final TokenSource source;
    private final ExchangeFilterFunction filter;
    private final ExchangeFilterFunction constantHeader;
    private final ExchangeFunction next;
    private final ClientRequest request = ClientRequest.create(HttpMethod.GET, API)
            .headers(headers -> headers.setAccept(List.of(MediaType.APPLICATION_JSON)))
            .build();

    /** Holds a token; the server is gone when the measurement begins. */
    public WarmFilterBenchmark() {
        try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, Duration.ofDays(1))) {
            source = stems.source();
            constantHeader =
                    StemsStandIn.constantHeader(source.token().blockOptional().orElseThrow());
        }
        filter = BearerTokenFilter.builder("comply-one", source).originOf(API).build();
        Mono<ClientResponse> response =
                Mono.just(ClientResponse.create(HttpStatus.OK).build());
        next = sent -> response;
    }

    /** Ends the source. */
    @TearDown
    public void close() {
        source.close();
    }

    /**
     * The limit: a request is copied to get its header.
     *
     * @param taker takes the answer
     * @return the answer
     */
    @Benchmark
    public @Nullable Object constantHeader(Taker taker) {
        return taker.take(constantHeader.filter(request, next));
    }

    /**
     * The filter.
     *
     * @param taker takes the answer
     * @return the answer
     */
    @Benchmark
    public @Nullable Object filter(Taker taker) {
        return taker.take(filter.filter(request, next));
    }

    static List<Row> measure(Pace pace) {
        JmhRounds rounds = new JmhRounds(WarmFilterBenchmark.class, List.of("constantHeader", "filter"), pace);
        Series limit = rounds.time("constantHeader");
        Series filter = rounds.time("filter");
        Series limitBytes = rounds.bytes("constantHeader");
        String claim = "warm filter";
        return List.of(
                Row.of(claim, Row.MONOTOKEN, "ns a request", filter)
                        .against(limit)
                        .withGoal("≤ × 1.2", filter.median() <= 1.2 * limit.median()),
                Row.of(claim, "a constant header", "ns a request", limit).against(limit),
                Row.of(claim, Row.MONOTOKEN, "bytes a request", rounds.bytes("filter"))
                        .against(limitBytes),
                Row.of(claim, "a constant header", "bytes a request", limitBytes)
                        .against(limitBytes));
    }
}
