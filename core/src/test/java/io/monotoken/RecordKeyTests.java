package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which sources share a record, and which never do. */
class RecordKeyTests {

    private static final URI TOKEN_URI = URI.create("https://idp.example/token");

    private static TokenRequest exchange() {
        return TokenRequest.of("urn:ietf:params:oauth:grant-type:token-exchange")
                .with("subject_token", "subject-token-1");
    }

    private static String key(TokenRequest request, @Nullable String subject) {
        return RecordKey.ofToken(TOKEN_URI, "client", request, Map.of(), subject);
    }

    @ParameterizedTest
    @ValueSource(strings = {"audience", "resource", "tenant", "username", "requested_token_type"})
    void aFieldThatSaysWhichTokenTellsApartWithASubjectAsWithout(String field) {
        for (String subject : new String[] {null, "ann"}) {
            assertThat(key(exchange().with(field, "a"), subject))
                    .isNotEqualTo(key(exchange().with(field, "b"), subject))
                    .isNotEqualTo(key(exchange(), subject));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password",
                "client_secret",
                "client_assertion",
                "assertion",
                "code",
                "refresh_token",
                "actor_token"
            })
    void whatChangesWithEachRequestDoesNotTellApartWithASubject(String field) {
        assertThat(key(exchange().with(field, "a"), "ann"))
                .isEqualTo(key(exchange().with(field, "b"), "ann"));
    }

    @Test
    void aSubjectTokenTellsApartWithoutASubject() {
        TokenRequest other = TokenRequest.of("urn:ietf:params:oauth:grant-type:token-exchange")
                .with("subject_token", "subject-token-2");

        assertThat(key(exchange(), null)).isNotEqualTo(key(other, null));
        assertThat(key(exchange(), "ann")).isEqualTo(key(other, "ann")).isNotEqualTo(key(exchange(), "bob"));
    }

    @Test
    void aSubjectIsNoFormField() {
        assertThat(key(exchange().with("subject", "ann"), null)).isNotEqualTo(key(exchange(), "ann"));
    }

    @Test
    void clientsEndpointsScopesAndRefreshParametersTellApart() {
        TokenRequest request = exchange().withScopes(List.of("b", "a"));

        assertThat(key(request, null))
                .isEqualTo(key(exchange().withScopes(List.of("a", "b")), null))
                .isNotEqualTo(key(exchange().withScopes(List.of("a")), null))
                .isNotEqualTo(RecordKey.ofToken(TOKEN_URI, "other", request, Map.of(), null))
                .isNotEqualTo(
                        RecordKey.ofToken(URI.create("https://idp.example/t2"), "client", request, Map.of(), null))
                .isNotEqualTo(RecordKey.ofToken(TOKEN_URI, "client", request, Map.of("audience", List.of("x")), null));
    }
}
