package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FixedTokenSourceTests {

    private final Token token =
            Objects.requireNonNull(TokenSource.fixed("a-token").token().block());

    @Test
    void expiresWhereArithmeticStillWorks() {
        assertThat(Duration.between(token.issuedAt(), token.expiresAt()).toNanos())
                .isPositive();
        assertThat(Duration.between(Instant.now(), token.expiresAt()).toNanos()).isPositive();
        assertThat(token.expiresAt().toEpochMilli()).isPositive();
        assertThat(token.expiresAt().plus(Duration.ofDays(36_500))).isAfter(token.expiresAt());
        assertThat(token.expiresAt().atOffset(ZoneOffset.MAX)).isNotNull();
    }

    @Test
    void hasTheTokenThatItWasGiven() {
        assertThat(token.value()).isEqualTo("a-token");
        assertThat(token.authorization()).isEqualTo("Bearer a-token");
    }
}
