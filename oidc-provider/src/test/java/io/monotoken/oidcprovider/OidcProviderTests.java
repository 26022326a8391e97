package io.monotoken.oidcprovider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.monotoken.AnotherClock;
import io.monotoken.AssertionSettings;
import io.monotoken.ClientCredentialsGrant;
import io.monotoken.Grant;
import io.monotoken.JwtBearerGrant;
import io.monotoken.SigningKey;
import io.monotoken.Token;
import io.monotoken.TokenException;
import io.monotoken.TokenListener;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.AnotherWallClock;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLException;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/** Signed assertions and certificates as a certified authorization server judges them. */
@ExtendWith(OidcProviderExtension.class)
class OidcProviderTests {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final String SECRET = "a-secret-of-at-least-32-characters";
    private static final Grant ITSELF = new ClientCredentialsGrant(List.of());

    private final OidcProvider provider;
    private final AssertionSettings forIssuer;
    private final List<TokenSource> opened = new ArrayList<>();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();

    OidcProviderTests(OidcProvider provider) {
        this.provider = provider;
        this.forIssuer = AssertionSettings.defaults().withAudience(provider.issuer());
    }

    @AfterEach
    void close() {
        opened.forEach(TokenSource::close);
    }

    private TokenEndpoint.Builder endpoint(ClientAuthentication client) {
        return TokenEndpoint.builder(provider.tokenUri()).clientAuthentication(client);
    }

    private TokenSource source(TokenEndpoint endpoint, Grant grant) {
        TokenSource source = TokenSource.builder(endpoint, grant)
                .listener(new TokenListener() {
                    @Override
                    public void requested(String grantType) {
                        requests.add(grantType);
                    }
                })
                .build();
        opened.add(source);
        return source;
    }

    private TokenSource source(ClientAuthentication client, Grant grant) {
        return source(endpoint(client).build(), grant);
    }

    private ClientAuthentication signs(String algorithm) {
        return ClientAuthentication.privateKeyJwt("signs", provider.key(algorithm), forIssuer);
    }

    /** A user whom an issuer names that the server trusts. */
    private Grant ann(SigningKey key) {
        return new JwtBearerGrant(key, forIssuer, "https://workforce.example", "ann", List.of());
    }

    private static Token token(TokenSource source) {
        return Objects.requireNonNull(source.token().block(BOUND));
    }

    private static Token renewed(TokenSource source, Token old) {
        assertThat(source.invalidate(old)).isTrue();
        return token(source);
    }

    private static TokenException.Rejected rejected(TokenSource source) {
        TokenException.Rejected failure = catchThrowableOfType(
                TokenException.Rejected.class, () -> source.token().block(BOUND));
        assertThat(failure).isNotNull();
        assertThat(failure.getMessage()).doesNotContain(SECRET, "eyJ");
        return failure;
    }

    private static int call(HttpClient http, URI api, Token token) {
        return Objects.requireNonNull(http.headers(headers -> headers.set("Authorization", token.authorization()))
                .get()
                .uri(api)
                .response()
                .map(response -> response.status().code())
                .block(BOUND));
    }

    private int call(Token token) {
        return call(HttpClient.newConnection(), provider.userInfo(), token);
    }

    @Nested
    class Assertions {

        @ParameterizedTest
        @ValueSource(strings = {"ES256", "RS256", "PS256", "ES384", "EdDSA"})
        void areTaken(String algorithm) {
            assertThat(token(source(signs(algorithm), ITSELF)).value()).isNotEmpty();
            assertThat(provider.key(algorithm).algorithm()).isEqualTo(algorithm);
        }

        @Test
        void areTakenWhenTheSecretSigns() {
            ClientAuthentication client = ClientAuthentication.clientSecretJwt("signs-with-secret", SECRET, forIssuer);

            assertThat(token(source(client, ITSELF)).value()).isNotEmpty();
        }

        @Test
        void areTakenForTheTokenEndpointToo() {
            ClientAuthentication client =
                    ClientAuthentication.privateKeyJwt("signs", provider.key("ES256"), AssertionSettings.defaults());

            assertThat(token(source(client, ITSELF)).value()).isNotEmpty();
        }

        /** The server remembers the ids of all three and refuses one that it has seen. */
        @Test
        void areNewAtEachLoginAndRefresh() {
            TokenSource source = source(signs("ES256"), ann(provider.key("ES256")));

            Token first = token(source);
            Token second = renewed(source, first);

            assertThat(call(first)).isEqualTo(200);
            assertThat(call(second)).isEqualTo(200);
            assertThat(requests).containsExactly(JwtBearerGrant.GRANT_TYPE, "refresh_token");
        }
    }

    @Nested
    class Refusals {

        @Test
        void ofAnAssertionThatWasShownBefore() {
            String once = Objects.requireNonNull(forIssuer
                    .assertion(provider.key("ES256"), "signs", "signs", provider.issuer())
                    .block(BOUND));
            token(source(ClientAuthentication.assertion("signs", Mono.just(once)), ITSELF));

            TokenException.Rejected again =
                    rejected(source(ClientAuthentication.assertion("signs", Mono.just(once)), ITSELF));

            assertThat(again.error()).contains("invalid_client");
            assertThat(again)
                    .hasMessageEndingWith(
                            "check who signed the assertion, for which audience and until when it is good");
        }

        @Test
        void ofAnotherKeyUnderTheSameName() {
            TokenException.Rejected failure = rejected(
                    source(ClientAuthentication.privateKeyJwt("signs", provider.otherKey(), forIssuer), ITSELF));

            assertThat(failure.error()).contains("invalid_client");
            assertThat(failure)
                    .hasMessageEndingWith(
                            "check that the provider has the key 'ES256' for ES256 and takes the audience "
                                    + provider.issuer());
        }

        @Test
        void ofAnotherAudience() {
            TokenException.Rejected failure = rejected(source(
                    ClientAuthentication.privateKeyJwt(
                            "signs", provider.key("EdDSA"), forIssuer.withAudience("https://other.example")),
                    ITSELF));

            assertThat(failure.error()).contains("invalid_client");
            assertThat(failure).hasMessageEndingWith("takes the audience https://other.example");
        }

        @Test
        void ofAnotherSecret() {
            TokenException.Rejected failure = rejected(
                    source(ClientAuthentication.clientSecretJwt("signs-with-secret", SECRET + "!", forIssuer), ITSELF));

            assertThat(failure.error()).contains("invalid_client");
        }

        /** One of 20 seconds has ended before it comes; from the future this server takes them. */
        @Test
        void ofAClockThatIsBehind() {
            InstantSource clock = AnotherClock.ahead(Duration.ofSeconds(-40));
            AssertionSettings settings = AnotherClock.of(forIssuer.withLifetime(Duration.ofSeconds(20)), clock);
            TokenEndpoint endpoint = AnotherWallClock.of(
                            endpoint(ClientAuthentication.privateKeyJwt("signs", provider.key("ES256"), settings)),
                            clock)
                    .build();

            TokenException.Rejected failure = rejected(source(endpoint, ITSELF));

            assertThat(failure.error()).contains("invalid_client");
            assertThat(failure.getMessage())
                    .matches(".*; this machine's clock is (39|40|41) s behind the server's: set one of them right");
        }

        @Test
        void ofAGrantWithAnotherKey() {
            TokenException.Rejected failure = rejected(source(signs("ES256"), ann(provider.otherKey())));

            assertThat(failure.error()).contains("invalid_grant");
            assertThat(failure).hasMessageContaining("check who signed the grant's assertion");
        }
    }

    @Nested
    class Certificates {

        private HttpClient http(HttpClient client, HeldCertificate... certificate) {
            SslContextBuilder ssl =
                    SslContextBuilder.forClient().trustManager(provider.trust().trustManager());
            if (certificate.length > 0) {
                ssl.keyManager(certificate[0].keyPair().getPrivate(), certificate[0].certificate());
            }
            try {
                SslContext context = ssl.build();
                return client.secure(spec -> spec.sslContext(context));
            } catch (SSLException e) {
                throw new IllegalStateException(e);
            }
        }

        private TokenSource source(String clientId, URI tokenUri, HeldCertificate... certificate) {
            return OidcProviderTests.this.source(
                    TokenEndpoint.builder(tokenUri)
                            .clientAuthentication(ClientAuthentication.tlsClientAuth(clientId))
                            .httpClient(client -> http(client, certificate))
                            .build(),
                    ann(provider.key("ES256")));
        }

        private int call(URI api, Token token, HeldCertificate... certificate) {
            return OidcProviderTests.call(http(HttpClient.newConnection(), certificate), api, token);
        }

        @Test
        void proveTheClientAndBindItsTokensThroughRefreshes() {
            HeldCertificate own = provider.certificate("has-certificate");
            URI api = provider.overTls("/me");
            TokenSource source = source("has-certificate", provider.overTls("/token"), own);

            Token token = renewed(source, token(source));

            assertThat(call(api, token, own)).isEqualTo(200);
            assertThat(call(api, token)).as("without the certificate").isEqualTo(401);
            assertThat(call(api, token, provider.certificate("has-certificate")))
                    .as("with another one of the same name")
                    .isEqualTo(401);
            assertThat(requests).containsExactly(JwtBearerGrant.GRANT_TYPE, "refresh_token");
        }

        @Test
        void mayBeSignedByTheClientItself() {
            URI api = provider.overTlsWithAnyCertificate("/me");

            Token token = token(
                    source("has-own-certificate", provider.overTlsWithAnyCertificate("/token"), provider.selfSigned()));

            assertThat(call(api, token, provider.selfSigned())).isEqualTo(200);
            assertThat(call(api, token)).isEqualTo(401);
        }

        @ParameterizedTest
        @ValueSource(strings = {"has-certificate", "has-own-certificate"})
        void areMissedAndNotMistaken(String clientId) {
            URI tokenUri = provider.overTlsWithAnyCertificate("/token");

            assertThat(rejected(source(clientId, tokenUri)).error()).contains("invalid_client");
            assertThat(rejected(source(clientId, tokenUri, provider.certificate("another")))
                            .error())
                    .contains("invalid_client");
        }
    }
}
