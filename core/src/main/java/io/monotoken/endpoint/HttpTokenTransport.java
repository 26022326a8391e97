package io.monotoken.endpoint;

import io.monotoken.TokenAnswer;
import io.monotoken.TokenAnswer.Delivery;
import io.monotoken.TokenRequest;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.proxy.ProxyConnectException;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.util.Logger;
import reactor.util.Loggers;

/** Sends a token request on a connection of its own, with one time-out over all of it. */
final class HttpTokenTransport {

    private static final Logger log = Loggers.getLogger(HttpTokenTransport.class);

    private static final int LARGEST_ANSWER = 64 * 1024;

    private final HttpClient client;
    private final URI uri;
    private final ClientAuthentication authentication;
    private final ResponseReader reader;
    private final ProviderWarnings warnings;
    private final InstantSource wallClock;
    private final Supplier<?> connectionVersion;

    HttpTokenTransport(
            HttpClient client,
            URI uri,
            ClientAuthentication authentication,
            ResponseReader reader,
            ProviderWarnings warnings,
            InstantSource wallClock,
            Supplier<?> connectionVersion) {
        this.connectionVersion = connectionVersion;
        this.client = client;
        this.uri = uri;
        this.authentication = authentication;
        this.reader = reader;
        this.warnings = warnings;
        this.wallClock = wallClock;
    }

    /**
     * @param timeout for all of it, from connecting to the last byte of the answer
     */
    Mono<TokenAnswer> send(TokenRequest request, Duration timeout) {
        return Mono.defer(() -> {
            long startedAt = System.nanoTime();
            return proof(timeout)
                    .flatMap(proof -> {
                        Object certificate = connectionVersion.get();
                        return new Attempt(request, proof, startedAt, timeout)
                                .send()
                                .map(answer -> withChanges(answer, proof.madeOf(), certificate));
                    })
                    .onErrorResume(NoProof.class, missing -> Mono.just(unproven(missing)));
        });
    }

    private TokenAnswer withChanges(TokenAnswer answer, @Nullable ProofFingerprint shown, Object certificate) {
        return answer instanceof TokenAnswer.Failed failed && failed.delivery() == Delivery.ANSWERED
                ? failed.withProofChanged(
                        Mono.defer(() -> connectionVersion.get().equals(certificate)
                                ? authentication.isOtherThan(shown)
                                : Mono.just(true)))
                : answer;
    }

    private Mono<ClientProof> proof(Duration timeout) {
        Mono<ClientProof> proof = authentication.proof(uri);
        return authentication.isConstant()
                ? proof
                : proof.timeout(timeout, Schedulers.parallel())
                        .switchIfEmpty(Mono.error(() -> new NoProof("nothing came", null)))
                        .onErrorMap(error -> NoProof.of(error, timeout));
    }

    private TokenAnswer unproven(NoProof missing) {
        TokenAnswer.Failed answer = TokenAnswer.unavailable(
                Delivery.NOT_SENT,
                ShownUri.of(uri) + " was not asked, since what proves client '" + authentication.clientId()
                        + "' could not be had: " + missing.getMessage());
        return missing.getCause() == null ? answer : answer.withCause(missing.getCause());
    }

    /** The secret or assertion could not be had. Its message has no words of a supplier. */
    private static final class NoProof extends RuntimeException {

        NoProof(String why, @Nullable Throwable cause) {
            super(why, cause, false, false);
        }

        static NoProof of(Throwable error, Duration timeout) {
            if (error instanceof NoProof known) {
                return known;
            }
            if (error instanceof ClientProof.UnusableException unusable) {
                return new NoProof(String.valueOf(unusable.getMessage()), null);
            }
            return error instanceof TimeoutException
                    ? new NoProof("it did not come within " + timeout.toMillis() + " ms", error)
                    : new NoProof("it failed with " + error.getClass().getName() + ", which is the cause", error);
        }
    }

    /** Written and given up exclude each other, so that what is tried again was never sent. */
    private enum Stage {
        PREPARED,
        WRITTEN,
        GIVEN_UP
    }

    private final class Attempt {

        private final TokenRequest request;
        private final ClientProof proof;
        private final Duration timeout;
        private final AnswerClassifier classifier;
        private final long startedAt;
        private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.PREPARED);
        private volatile @Nullable Channel carrier;

        Attempt(TokenRequest request, ClientProof proof, long startedAt, Duration timeout) {
            this.proof = proof;
            this.startedAt = startedAt;
            this.timeout = timeout;
            this.request = proof.writeTo(request);
            this.classifier =
                    new AnswerClassifier(uri, authentication.clientId(), proof, this.request, warnings, wallClock);
            warnings.ofRequest(this.request);
            warnings.ofTexts(proof.texts());
        }

        Mono<TokenAnswer> send() {
            byte[] form = FormBody.of(request);
            RequestHeaders headers = new RequestHeaders(uri, form.length, proof.authorization());
            return client.headers(headers::putOn)
                    .doOnRequest((sent, connection) -> {
                        if (!stage.compareAndSet(Stage.PREPARED, Stage.WRITTEN)) {
                            throw new IllegalStateException("given up before it was written");
                        }
                        carrier = connection.channel();
                        headers.putOn(sent.requestHeaders()); // once more, after what a customizer adds as late as this
                        classifier.hide(RequestHeaders.foreign(sent.requestHeaders()));
                    })
                    .post()
                    .uri(URI.create(ShownUri.of(uri))) // RedactingHandler adds the query
                    .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(form)))
                    .response((response, body) -> read(response, body.asByteArray()))
                    .next()
                    .timeout(left(), Schedulers.parallel())
                    .onErrorResume(this::failed)
                    .doOnNext(this::log)
                    .doFinally(signal -> ConnectionPerRequest.close(carrier, client));
        }

        private Duration left() {
            return timeout.minusNanos(System.nanoTime() - startedAt);
        }

        private Mono<TokenAnswer> read(HttpClientResponse response, Flux<byte[]> body) {
            return body.reduceWith(ByteArrayOutputStream::new, HttpTokenTransport::append)
                    .map(bytes -> classifier.classify(response, bytes.toByteArray(), reader))
                    .onErrorResume(
                            AnswerTooLarge.class, tooLarge -> Mono.just(classifier.tooLarge(response, LARGEST_ANSWER)));
        }

        private Mono<TokenAnswer> failed(Throwable raised) {
            Throwable error = unwrapped(raised);
            // to a proxy that does not connect nothing of the request goes out, though it may wait for that already
            boolean written =
                    !stage.compareAndSet(Stage.PREPARED, Stage.GIVEN_UP) && !(error instanceof ProxyConnectException);
            if (error instanceof DecoderException && written) {
                return Mono.just(classifier.unreadable("it is not HTTP, or its headers are too large"));
            }
            Delivery delivery = written ? Delivery.UNANSWERED : Delivery.NOT_SENT;
            return Mono.just(classifier.failed(error, describe(error, written), delivery));
        }

        /** The codec wraps what happened to TLS, and TLS what happened to the proxy. */
        private Throwable unwrapped(Throwable error) {
            if (error.getCause() instanceof SSLException tls && error instanceof DecoderException) {
                return unwrapped(tls);
            }
            return error.getCause() instanceof ProxyConnectException proxy ? proxy : error;
        }

        private String describe(Throwable error, boolean written) {
            if (error instanceof TimeoutException) {
                return (written ? "no complete answer" : "not connected") + " within " + timeout.toMillis() + " ms";
            }
            if (error instanceof SSLException) {
                return written
                        ? "TLS failed before a complete answer came; check whether the server asks for a certificate"
                        : "TLS failed; check the certificate, its host name and which authorities are trusted";
            }
            if (written) {
                return "the connection broke before a complete answer came";
            }
            if (error instanceof UnknownHostException) {
                return "its host name was not found; check the token URI and the name servers";
            }
            if (error instanceof ProxyConnectException) {
                return "the proxy did not connect; check its address and credentials";
            }
            return "not connected; check the token URI and what stands between";
        }

        private void log(TokenAnswer answer) {
            if (log.isDebugEnabled()) {
                log.debug(
                        "{} grant {} client '{}': {} after {} ms",
                        ShownUri.of(uri),
                        request.grantType(),
                        authentication.clientId(),
                        outcome(answer),
                        (System.nanoTime() - startedAt) / 1_000_000);
            }
        }

        private String outcome(TokenAnswer answer) {
            return answer instanceof TokenAnswer.Failed failed ? failed.message() : "issued a token";
        }
    }

    private static ByteArrayOutputStream append(ByteArrayOutputStream bytes, byte[] more) {
        if (bytes.size() + more.length > LARGEST_ANSWER) {
            throw new AnswerTooLarge();
        }
        bytes.writeBytes(more);
        return bytes;
    }

    private static final class AnswerTooLarge extends RuntimeException {
        AnswerTooLarge() {
            super("the answer is too large");
        }
    }
}
