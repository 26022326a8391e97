/**
 * One shared, self-renewing OAuth 2.0 access token.
 *
 * <p>{@link io.monotoken.TokenSource} hands it out, a {@link io.monotoken.TokenTransport} asks for it, a
 * {@link io.monotoken.Grant} says what to show for it. A whole service shares one source:
 *
 * <pre>{@code
 * TokenEndpoint stems = StemsAccounts.endpoint()
 *         .clientAuthentication(ClientAuthentication.clientSecretPost("api-client", secret))
 *         .build();
 * TokenSource tokens = TokenSource.builder(stems, new PasswordGrant(username, password, scopes)).build();
 *
 * Mono<Token> token = tokens.token();
 * }</pre>
 *
 * <h2>The life of a token</h2>
 *
 * <ol>
 *   <li>Nothing is sent before the first subscription. All callers that find no token share one request.
 *   <li>While the token is <em>fresh</em>, it is handed out on the caller's thread and nothing else happens.
 *   <li>Between 70 % and 80 % of its life, earlier where that is short, it becomes <em>stale</em>: it is still handed out at
 *       once, and the first such read starts its renewal in the background, with the refresh token if there is one, else
 *       with the grant.
 *   <li>A renewal that fails leaves the current token in use to its end, while further attempts are made, ever further
 *       apart.
 *   <li>In the last tenth of its life, thirty seconds at most, a caller who finds no failed renewal waits for one, for a second
 *       or half of what is left at most, and then gets the token. Half a second, or a hundredth of its life, before it expires
 *       nobody gets it any more: that is time for a request to travel.
 *   <li>Where no token is usable, callers wait for the request in flight, never longer than
 *       {@link io.monotoken.RefreshSettings#timeout()}. After a failure they get a
 *       {@link io.monotoken.TokenException} from memory until the next attempt is due, so that a provider in trouble is left
 *       in peace.
 * </ol>
 *
 * <h2>When it goes wrong</h2>
 *
 * <p>The type of a {@link io.monotoken.TokenException} answers whether to try again. An API that rejects a token is told
 * of with {@link io.monotoken.TokenSource#invalidate}, which has it renewed once, however many callers were rejected. After
 * a refused password, no source of the process sends it again for 1, then 15 minutes, and then not until it changes, so that
 * no account is locked out ({@link io.monotoken.LockOutSettings}); {@link io.monotoken.TokenSource#reset} ends that early. A
 * refresh token counts as spent from the moment it is sent
 * until an answer says otherwise, and is then never presented again.
 *
 * <h2>Several instances of a service</h2>
 *
 * <p>With a {@link io.monotoken.TokenStore} that all of them reach they act as one client: one logs in and renews for all, no
 * refresh token is presented twice by whichever instance, a token that one saw rejected is taken from all, a refused password
 * counts for all, and a restart needs no login. What lies in the store is encrypted
 * ({@link io.monotoken.StoreSettings}). A store that is out of reach costs nothing but the sharing.
 *
 * <h2>What else is here</h2>
 *
 * <ul>
 *   <li>Grants: {@link io.monotoken.PasswordGrant}, {@link io.monotoken.ClientCredentialsGrant},
 *       {@link io.monotoken.RefreshTokenGrant}, and any other as a lambda.
 *   <li>Settings: {@link io.monotoken.RefreshSettings} for times, {@link io.monotoken.LockOutSettings} for refused passwords.
 *   <li>Transports: package {@code io.monotoken.endpoint} has the one over HTTP to a token endpoint; another
 *       {@link io.monotoken.TokenTransport} brings tokens from anywhere else, with everything said above.
 *   <li>Watching: {@link io.monotoken.TokenListener} is notified of what happens, {@link io.monotoken.TokenSourceState} is a
 *       snapshot without secrets.
 *   <li>Tests: {@link io.monotoken.TokenSource#fixed(String)}.
 * </ul>
 *
 * <p>No {@code toString}, message or log of these types shows a secret.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749">RFC 6749, The OAuth 2.0 Authorization Framework</a>
 */
@NullMarked
package io.monotoken;

import org.jspecify.annotations.NullMarked;
