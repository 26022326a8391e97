package io.monotoken.testing;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One request that reached the token endpoint, without its secrets.
 *
 * @param grantType {@code password} or {@code refresh_token}; null for anything else
 * @param status the status of the answer; null when nothing was answered
 * @param error the OAuth error code of the answer; null when it had none
 * @param at when the whole request had been received, by the server's clock
 */
public record RecordedTokenRequest(
        @Nullable String grantType,
        @Nullable Integer status,
        @Nullable String error,
        Instant at) {}
