package io.monotoken.testing;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One request that reached the token endpoint, without its secrets.
 *
 * @param grantType as it was sent; {@code REDACTED} for what looks like no grant type and may be a secret in the wrong field;
 *     null when none was sent
 * @param status the status of the answer; null when nothing was answered
 * @param error the OAuth error code of the answer; null when it had none
 * @param reason why the request was refused or not answered, in words for a person; null when it was granted
 * @param at when the whole request had been received, by the server's clock
 */
public record RecordedTokenRequest(
        @Nullable String grantType,
        @Nullable Integer status,
        @Nullable String error,
        @Nullable String reason,
        Instant at) {}
