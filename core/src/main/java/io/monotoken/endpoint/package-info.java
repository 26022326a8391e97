/**
 * One token request over HTTP: {@link io.monotoken.endpoint.TokenEndpoint} is the {@link io.monotoken.TokenTransport} to an
 * OAuth 2.0 token endpoint, on Reactor Netty.
 *
 * <p>{@link io.monotoken.endpoint.ClientAuthentication} says how the client proves who it is,
 * {@link io.monotoken.endpoint.StemsAccounts} is a provider whose settings are known. What a server answers is read
 * tolerantly and never trusted: see {@link io.monotoken.endpoint.TokenEndpoint}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-3.2">RFC 6749, section 3.2</a>
 */
@NullMarked
package io.monotoken.endpoint;

import org.jspecify.annotations.NullMarked;
