package io.monotoken;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A provider that rotates refresh tokens and forgives nothing: one that is presented twice ends the session, with all its
 * tokens. What it was sent takes effect whether anybody waits for the answer or not.
 */
final class StrictProvider {

    private final URI uri;
    private final TestTime time;
    private final Random random;
    private final Witness witness;
    private final Map<String, Session> refreshTokens = new HashMap<>();
    private final Map<String, Integer> presented = new HashMap<>();
    private final Map<String, AccessToken> accessTokens = new HashMap<>();
    private final List<Request> inFlight = new ArrayList<>();
    private int issued;
    Duration life = Duration.ofMinutes(30);
    /** What becomes of a request. */
    java.util.function.Function<Request, Fate> fate = request -> Fate.KIND;

    enum Fate {
        KIND,
        /** Takes seconds. */
        SLOW,
        /** No connection comes about. */
        UNREACHABLE,
        /** Answers 503 and looks at nothing. */
        BUSY,
        /** The request takes effect, and the connection breaks before the answer. */
        ANSWER_LOST,
        /** The request takes effect, and no answer comes. */
        ANSWER_HANGS,
        /** The request is lost, and no answer comes. */
        REQUEST_LOST,
        /** The session has ended: refuses a refresh token, and a login is well. */
        REFUSED
    }

    /** Is told what happens to requests. */
    interface Witness {

        void sending(Request request, List<Request> others);

        void befell(Request request, Fate fate);

        /** The request has taken effect; its answer is not there yet. */
        void tookEffect(Request request);
    }

    /** One request on its way. */
    record Request(ProcessTimer process, TokenRequest fields, Duration sentAt) {

        boolean isRefresh() {
            return fields.isRefresh();
        }
    }

    /** A login and all that came of it. */
    private static final class Session {

        private final Set<String> accessTokens = new LinkedHashSet<>();

        @Nullable
        private String refreshToken;
    }

    /** What the provider knows of an access token. */
    static final class AccessToken {

        private final Duration issuedAt;
        private final Duration end;

        @Nullable
        private Duration rejectedAt;

        private AccessToken(Duration issuedAt, Duration life) {
            this.issuedAt = issuedAt;
            this.end = issuedAt.plus(life);
        }

        Duration issuedAt() {
            return issuedAt;
        }

        Duration end() {
            return end;
        }

        /** {@return since when an API rejects it; null while it accepts it} */
        @Nullable
        Duration rejectedAt() {
            return rejectedAt;
        }
    }

    StrictProvider(URI uri, TestTime time, Random random, Witness witness) {
        this.uri = uri;
        this.time = time;
        this.random = random;
        this.witness = witness;
    }

    /** {@return a process's way to the provider} */
    TokenTransport lineOf(ProcessTimer process) {
        return new TokenTransport() {
            @Override
            public Mono<TokenAnswer> send(TokenRequest request) {
                return Mono.create(sink -> sent(new Request(process, request, time.elapsed()), sink));
            }

            @Override
            public URI uri() {
                return uri;
            }

            @Override
            public String clientId() {
                return "client";
            }
        };
    }

    private void sent(Request request, MonoSink<TokenAnswer> sink) {
        Fate fallen = fate.apply(request);
        if (fallen != Fate.KIND) {
            witness.befell(request, fallen);
        }
        if (fallen == Fate.UNREACHABLE) {
            answered(request, sink, ScriptedEndpoint.notSent(), 20);
            return;
        }
        if (fallen != Fate.BUSY && request.isRefresh()) {
            presented.merge(Objects.requireNonNull(request.fields.first("refresh_token")), 1, Integer::sum);
        }
        witness.sending(request, List.copyOf(inFlight));
        inFlight.add(request);
        sink.onDispose(() -> inFlight.remove(request));
        if (fallen == Fate.REQUEST_LOST) {
            return;
        }
        int longest = fallen == Fate.SLOW ? 8_000 : 200;
        time.timer.schedule(
                () -> {
                    if (fallen == Fate.BUSY) {
                        answered(request, sink, ScriptedEndpoint.unavailable(503, null), longest);
                        return;
                    }
                    TokenAnswer answer = taken(request, fallen == Fate.REFUSED);
                    witness.tookEffect(request);
                    if (fallen != Fate.ANSWER_HANGS) {
                        answered(request, sink, fallen == Fate.ANSWER_LOST ? ScriptedEndpoint.lost() : answer, longest);
                    }
                },
                1 + random.nextInt(longest),
                TimeUnit.MILLISECONDS);
    }

    private void answered(Request request, MonoSink<TokenAnswer> sink, TokenAnswer answer, int longest) {
        request.process.schedule(
                () -> {
                    inFlight.remove(request);
                    sink.success(answer);
                },
                1 + random.nextInt(longest),
                TimeUnit.MILLISECONDS);
    }

    private TokenAnswer taken(Request request, boolean refused) {
        if (!request.isRefresh()) {
            return issued(new Session());
        }
        String refreshToken = Objects.requireNonNull(request.fields.first("refresh_token"));
        Session session = refreshTokens.get(refreshToken);
        if (session == null || refused || !refreshToken.equals(session.refreshToken)) {
            if (session != null) {
                session.refreshToken = null;
                session.accessTokens.forEach(this::reject);
            }
            return ScriptedEndpoint.rejected(400, "invalid_grant");
        }
        return issued(session);
    }

    private TokenAnswer issued(Session session) {
        int n = ++issued;
        String value = "access-" + n;
        String refreshToken = "refresh-" + n;
        session.refreshToken = refreshToken;
        session.accessTokens.add(value);
        refreshTokens.put(refreshToken, session);
        accessTokens.put(value, new AccessToken(time.elapsed(), life));
        return new TokenAnswer.Issued(TokenResponse.builder(value)
                .expiresIn(life)
                .refreshToken(refreshToken)
                .build());
    }

    AccessToken accessToken(String value) {
        return Objects.requireNonNull(accessTokens.get(value));
    }

    /** From now on APIs reject the token. */
    void reject(String value) {
        AccessToken token = accessToken(value);
        if (token.rejectedAt == null) {
            token.rejectedAt = time.elapsed();
        }
    }

    /** {@return the refresh tokens that were presented more than once} */
    List<String> presentedTwice() {
        return presented.entrySet().stream()
                .filter(token -> token.getValue() > 1)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }
}
