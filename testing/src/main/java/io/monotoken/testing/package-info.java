/**
 * Stand-in servers to be started in tests: a token server, and an API that accepts its tokens only. Both play any provider;
 * {@link io.monotoken.testing.StandInTokenServer#stemsAccounts()} and
 * {@link io.monotoken.testing.StandInApi#complyOne(StandInTokenServer)} are as strict as the documentation of one.
 *
 * <pre>{@code
 * try (StandInTokenServer provider = StandInTokenServer.start();
 *         StandInApi api = StandInApi.start(provider).answer("/orders", "[]")) {
 *     // the client under test gets its tokens at provider.tokenUri() and sends them to api.baseUrl()
 *     provider.revokeAccessTokens(); // the API answers 401 until there is a new token
 *     provider.loseNextAnswer();     // a refresh token is spent, and its client never gets the next one
 *     provider.refuseNext(3, 503);   // an outage
 * }
 * }</pre>
 *
 * <p>{@link io.monotoken.testing.StandInTokenServer} counts and records what it was sent, so that a test can say how many
 * requests there were, why one was refused, and whether a refresh token was presented twice. Both listen on a free loopback
 * port with an event loop of their own, and both protect nothing.
 *
 * <p>For token sources that share their tokens there is an {@link io.monotoken.testing.InMemoryTokenStore}, and for whoever
 * writes a {@link io.monotoken.TokenStore} the {@link io.monotoken.testing.TokenStoreContract}.
 */
@NullMarked
package io.monotoken.testing;

import org.jspecify.annotations.NullMarked;
