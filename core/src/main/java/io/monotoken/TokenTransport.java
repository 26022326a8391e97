package io.monotoken;

import java.net.URI;
import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * Asks for one token, once. A {@link TokenSource} does the rest: it shares one request among all callers, renews ahead of
 * expiry, backs off after failures and guards passwords.
 *
 * <p>{@code io.monotoken.endpoint.TokenEndpoint} is the transport to an RFC 6749 token endpoint. Implement this interface
 * for tokens from elsewhere: a cloud's metadata server, another SDK, an endpoint that wants JSON. A transport keeps nothing
 * between two requests and repeats nothing by itself.
 *
 * <p>Safe to share between threads.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-3.2">RFC 6749, section 3.2</a>
 */
public interface TokenTransport {

    /**
     * Sends the request when subscribed, and again for each further subscription.
     *
     * <p>A failure is a {@link TokenAnswer.Failed}, and its {@link TokenAnswer.Delivery} matters most, because promises hang
     * on it:
     * <ul>
     *   <li>{@link TokenAnswer.Delivery#NOT_SENT}: surely nothing was written. A refresh token or password in the request
     *       counts as unused and may be sent again at once.
     *   <li>{@link TokenAnswer.Delivery#UNANSWERED}: something may have been written, and no complete answer came. A refresh
     *       token counts as used up and is never presented again; a password may have been counted against the account.
     *   <li>{@link TokenAnswer.Delivery#ANSWERED}: a complete answer came, and its status and error code say what became of
     *       the secret.
     * </ul>
     * In doubt, answer {@code UNANSWERED}. An error signal, an empty Mono and a thrown exception count as that.
     *
     * <p>Threads: subscribed on any thread, which must not be blocked; wrap a blocking call with
     * {@link BlockingCall#mono}. The source ends a request that takes longer
     * than {@link RefreshSettings#timeout()} by cancelling it.
     *
     * @param request what to show; a transport that needs no grant may ignore it
     * @return one answer
     */
    Mono<TokenAnswer> send(TokenRequest request);

    /**
     * Sends the request as {@link #send(TokenRequest)} does, and answers in time. A source always calls this one: when that
     * time is over it cancels the request, and must then take a secret in it for sent. A transport that knows better, since
     * it is still connecting, answers {@link TokenAnswer.Delivery#NOT_SENT} before that.
     *
     * @param request what to show
     * @param within how long the source waits
     * @return one answer; without regard to the time unless the transport knows better
     */
    default Mono<TokenAnswer> send(TokenRequest request, Duration within) {
        return send(request);
    }

    /**
     * Returns where tokens come from. Sources whose transports have equal addresses share the credential guard of a user.
     *
     * @return an address; its query may hold an API key and is never shown
     */
    URI uri();

    /** {@return for which client; empty where there is no such thing} */
    default String clientId() {
        return "";
    }

    /** {@return what messages and logs call this transport: its address without the query} */
    default String name() {
        return uri().toString().replaceFirst("\\?.*", "");
    }

    /**
     * Checks what a source is built from, once for each {@link TokenSource.Builder#build()}. Nothing is sent.
     *
     * @param grant what the source will show
     * @param refresh its times
     * @throws IllegalArgumentException if the transport's own settings contradict them
     */
    default void validate(Grant grant, RefreshSettings refresh) {}
}
