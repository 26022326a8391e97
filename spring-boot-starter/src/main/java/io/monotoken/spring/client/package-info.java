/**
 * Puts a token on the requests of a Spring {@code WebClient}, and heals one 401 with another token; needs Spring Web and no
 * Spring Boot.
 *
 * <pre>{@code
 * WebClient complyOne = WebClient.builder()
 *         .baseUrl("https://api.comply-one.com/v3")
 *         .filter(BearerTokenFilter.builder("comply-one", tokens)
 *                 .originOf(URI.create("https://api.comply-one.com"))
 *                 .build())
 *         .build();
 * }</pre>
 *
 * <h2>What happens to a request</h2>
 *
 * <ol>
 *   <li>{@link io.monotoken.spring.client.BearerTokenFilter} refuses an origin that may not see the token.
 *   <li>It asks the {@link io.monotoken.TokenSource} for the token and puts it on the request, which no other filter sees.
 *   <li>An answer of 401 invalidates the token, unless its challenge blames the request. The request is sent once more if its
 *       body can be written again and another token is to be had, or the same one was accepted a moment ago.
 *   <li>A redirect goes to the caller, or is followed where the token may go.
 * </ol>
 */
@NullMarked
package io.monotoken.spring.client;

import org.jspecify.annotations.NullMarked;
