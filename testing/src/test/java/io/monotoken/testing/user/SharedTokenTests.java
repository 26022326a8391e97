package io.monotoken.testing.user;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.ClientCredentialsGrant;
import io.monotoken.StoreSettings;
import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import io.monotoken.testing.InMemoryTokenStore;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sources of one test that are a fleet, as a user has them. */
class SharedTokenTests {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final StandInTokenServer tokenServer = StandInTokenServer.start();
    private final InMemoryTokenStore store = new InMemoryTokenStore();
    private final TokenSource one = source("one");
    private final TokenSource other = source("other");

    @AfterEach
    void close() {
        one.close();
        other.close();
        tokenServer.close();
    }

    private TokenSource source(String instance) {
        TokenEndpoint endpoint = TokenEndpoint.builder(tokenServer.tokenUri())
                .clientAuthentication(
                        ClientAuthentication.clientSecretPost(tokenServer.clientId(), tokenServer.clientSecret()))
                .build();
        return TokenSource.builder(endpoint, new ClientCredentialsGrant(List.of("orders:read")))
                .tokenStore(store, StoreSettings.encryptedBy("k1", new byte[32]).withInstance(instance))
                .build();
    }

    @Test
    void haveOneTokenBetweenThem() {
        Token token = one.token().block(TEN_SECONDS);

        assertThat(other.token().block(TEN_SECONDS)).isEqualTo(token);
        assertThat(tokenServer.tokenRequests()).isEqualTo(1);
    }

    @Test
    void goOnEachForItselfWhileTheStoreIsAway() {
        store.stopAnswering();

        assertThat(one.token().block(TEN_SECONDS)).isNotEqualTo(other.token().block(TEN_SECONDS));
        assertThat(tokenServer.tokenRequests()).isEqualTo(2);
    }
}
