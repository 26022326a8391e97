package io.monotoken.keycloak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jwt.SignedJWT;
import io.monotoken.AnotherClock;
import io.monotoken.AssertionSettings;
import io.monotoken.ClientCredentialsGrant;
import io.monotoken.Grant;
import io.monotoken.JwtBearerGrant;
import io.monotoken.PasswordGrant;
import io.monotoken.SigningKey;
import io.monotoken.Token;
import io.monotoken.TokenException;
import io.monotoken.TokenListener;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.security.MessageDigest;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/** Signed assertions and certificates as a real identity provider judges them. */
@ExtendWith(KeycloakExtension.class)
class KeycloakClientProofTests {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final String SECRET = "a-secret-of-at-least-32-characters";
    private static final Grant ITSELF = new ClientCredentialsGrant(List.of("openid"));
    private static final Grant JOHN = new PasswordGrant("john.smith@contoso.com", "P4ssw0rd", List.of("openid"));

    private final Keycloak keycloak;
    private final ClientKeys keys;
    private final AssertionSettings forIssuer;
    private final List<TokenSource> opened = new ArrayList<>();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();

    KeycloakClientProofTests(Keycloak keycloak) {
        this.keycloak = keycloak;
        this.keys = keycloak.clientKeys();
        this.forIssuer = AssertionSettings.defaults().withAudience(keycloak.issuer());
    }

    @AfterEach
    void close() {
        opened.forEach(TokenSource::close);
    }

    private TokenEndpoint.Builder endpoint(ClientAuthentication client) {
        return TokenEndpoint.builder(keycloak.tokenUri())
                .clientAuthentication(client)
                .timeout(Duration.ofSeconds(10));
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
        return call(HttpClient.newConnection(), keycloak.userInfo(), token);
    }

    private ClientAuthentication signs(String algorithm) {
        return ClientAuthentication.privateKeyJwt("signs", keys.signing(algorithm), forIssuer);
    }

    /** Hands assertions on and keeps them, so that a test sees what was sent. */
    private ClientAuthentication recorded(Queue<String> assertions, SigningKey key) {
        return ClientAuthentication.assertion(
                "signs",
                forIssuer.assertion(key, "signs", "signs", keycloak.issuer()).doOnNext(assertions::add));
    }

    @Nested
    class Assertions {

        @ParameterizedTest
        @ValueSource(strings = {"ES256", "RS256", "PS256", "ES384", "EdDSA"})
        void areTaken(String algorithm) {
            Token token = token(source(signs(algorithm), ITSELF));

            assertThat(call(token)).isEqualTo(200);
            assertThat(requests).containsExactly("client_credentials");
        }

        @Test
        void areTakenWhenTheSecretSigns() {
            Token token =
                    token(source(ClientAuthentication.clientSecretJwt("signs-with-secret", SECRET, forIssuer), ITSELF));

            assertThat(call(token)).isEqualTo(200);
        }

        @Test
        void areTakenForTheTokenEndpointToo() {
            Token token = token(source(
                    ClientAuthentication.privateKeyJwt("signs", keys.signing("ES256"), AssertionSettings.defaults()),
                    ITSELF));

            assertThat(call(token)).isEqualTo(200);
        }

        @Test
        void areNewAtEachLoginAndRefresh() throws ParseException {
            Queue<String> assertions = new ConcurrentLinkedQueue<>();
            TokenSource source = source(recorded(assertions, keys.signing("ES256")), JOHN);

            Token first = token(source);
            Token second = renewed(source, first);

            assertThat(call(second)).isEqualTo(200);
            assertThat(requests).containsExactly("password", "refresh_token");
            assertThat(ids(assertions)).hasSize(2).doesNotHaveDuplicates();
        }

        private static List<Object> ids(Queue<String> assertions) throws ParseException {
            List<Object> ids = new ArrayList<>();
            for (String assertion : assertions) {
                ids.add(SignedJWT.parse(assertion).getJWTClaimsSet().getJWTID());
            }
            return ids;
        }
    }

    @Nested
    class Refusals {

        /** The server takes each assertion once; what makes them here never gives it one again. */
        @Test
        void ofAnAssertionThatWasShownBefore() {
            String once = Objects.requireNonNull(forIssuer
                    .assertion(keys.signing("ES256"), "signs", "signs", keycloak.issuer())
                    .block(BOUND));
            token(source(ClientAuthentication.assertion("signs", Mono.just(once)), ITSELF));

            TokenException.Rejected again =
                    rejected(source(ClientAuthentication.assertion("signs", Mono.just(once)), ITSELF));

            assertThat(again.error()).contains("invalid_client");
            assertThat(again)
                    .hasMessageContaining(
                            "check who signed the assertion, for which audience and until when it is good");
        }

        @Test
        void ofAnotherKeyUnderTheSameName() {
            TokenException.Rejected failure = rejected(
                    source(ClientAuthentication.privateKeyJwt("signs", ClientKeys.forged("ES256"), forIssuer), ITSELF));

            assertThat(failure.error()).contains("invalid_client");
            assertThat(failure)
                    .hasMessageContaining(
                            "check that the provider has the key 'ES256' for ES256 and takes the audience "
                                    + keycloak.issuer());
        }

        @Test
        void ofAnotherAudience() {
            TokenException.Rejected failure = rejected(source(
                    ClientAuthentication.privateKeyJwt(
                            "signs", keys.signing("RS256"), forIssuer.withAudience("https://other.example")),
                    ITSELF));

            assertThat(failure.error()).contains("invalid_client");
            assertThat(failure)
                    .hasMessageContaining("check that the provider has the key 'RS256' for RS256 and takes the audience"
                            + " https://other.example");
        }

        @Test
        void ofAnotherSecret() {
            TokenException.Rejected failure = rejected(
                    source(ClientAuthentication.clientSecretJwt("signs-with-secret", SECRET + "!", forIssuer), ITSELF));

            assertThat(failure.error()).contains("unauthorized_client"); // its word for a wrong secret
            assertThat(failure)
                    .hasMessageContaining(
                            "check the client's secret, and that the provider takes assertions signed with it")
                    .hasMessageContaining("HS256");
        }

        /** From the future the server takes none, and one of 20 seconds has ended before it comes. It sends no date. */
        @ParameterizedTest
        @ValueSource(ints = {40, -40})
        void ofAWrongClock(int ahead) {
            InstantSource clock = AnotherClock.ahead(Duration.ofSeconds(ahead));
            AssertionSettings settings = AnotherClock.of(forIssuer.withLifetime(Duration.ofSeconds(20)), clock);

            TokenException.Rejected failure = rejected(
                    source(ClientAuthentication.privateKeyJwt("signs", keys.signing("ES256"), settings), ITSELF));

            assertThat(failure.error()).contains("invalid_client");
            assertThat(failure)
                    .hasMessageEndingWith(
                            ", and check this machine's clock, since the answer has no date to compare it with");
        }
    }

    @Nested
    class JwtBearer {

        private JwtBearerGrant john(String subject, SigningKey key) {
            return new JwtBearerGrant(key, forIssuer, "https://workforce.example", subject, List.of("openid"));
        }

        @Test
        void standsForTheUserThatAnAssertionNames() throws ParseException {
            TokenSource source = source(signs("ES256"), john("w-17", keys.signing("ES256")));

            Token first = token(source);
            Token second = renewed(source, first);

            assertThat(call(first)).isEqualTo(200);
            assertThat(call(second)).isEqualTo(200);
            assertThat(SignedJWT.parse(second.value()).getJWTClaimsSet().getStringClaim("preferred_username"))
                    .isEqualTo("john.smith@contoso.com");
            assertThat(requests).containsExactly(JwtBearerGrant.GRANT_TYPE, JwtBearerGrant.GRANT_TYPE);
        }

        @Test
        void isRefusedForAUserWhomNobodyKnows() {
            TokenException.Rejected failure = rejected(source(signs("ES256"), john("w-18", keys.signing("ES256"))));

            assertThat(failure.error()).contains("invalid_grant");
            assertThat(failure)
                    .hasMessageContaining("check who signed the grant's assertion, of whom, for which audience");
        }

        @Test
        void isRefusedWithAnotherKey() {
            TokenException.Rejected failure =
                    rejected(source(signs("ES256"), john("w-17", ClientKeys.forged("ES256"))));

            assertThat(failure.error()).contains("invalid_grant");
        }
    }

    @Nested
    class Certificates {

        private HttpClient http(HttpClient client, HeldCertificate... certificate) {
            try {
                SslContextBuilder ssl = SslContextBuilder.forClient()
                        .trustManager(keycloak.trust().trustManager());
                if (certificate.length > 0) {
                    ssl.keyManager(certificate[0].keyPair().getPrivate(), certificate[0].certificate());
                }
                SslContext context = ssl.build();
                return client.secure(spec -> spec.sslContext(context));
            } catch (javax.net.ssl.SSLException e) {
                throw new IllegalStateException(e);
            }
        }

        private TokenSource source(Grant grant, HeldCertificate... certificate) {
            return KeycloakClientProofTests.this.source(
                    TokenEndpoint.builder(keycloak.tokenUriOverTls())
                            .clientAuthentication(ClientAuthentication.tlsClientAuth("has-certificate"))
                            .httpClient(client -> http(client, certificate))
                            .build(),
                    grant);
        }

        private int call(Token token, HeldCertificate... certificate) {
            return KeycloakClientProofTests.call(
                    http(HttpClient.newConnection(), certificate), keycloak.userInfoOverTls(), token);
        }

        private static String thumbprint(HeldCertificate certificate) throws Exception {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(certificate.certificate().getEncoded());
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        }

        @Test
        void proveTheClientAndBindItsTokens() throws Exception {
            HeldCertificate own = keycloak.certificate("has-certificate");

            Token token = token(source(ITSELF, own));

            assertThat(SignedJWT.parse(token.value()).getJWTClaimsSet().getJSONObjectClaim("cnf"))
                    .isEqualTo(Map.of("x5t#S256", thumbprint(own)));
            assertThat(call(token, own)).isEqualTo(200);
            assertThat(call(token)).as("without the certificate").isEqualTo(401);
            assertThat(call(token, keycloak.certificate("has-certificate")))
                    .as("with another one of the same name")
                    .isEqualTo(401);
        }

        @Test
        void areShownAtARefreshToo() {
            HeldCertificate own = keycloak.certificate("has-certificate");
            TokenSource source = source(JOHN, own);

            Token second = renewed(source, token(source));

            assertThat(call(second, own)).isEqualTo(200);
            assertThat(requests).containsExactly("password", "refresh_token");
        }

        @Test
        void areMissed() {
            TokenException.Rejected failure = rejected(source(ITSELF));

            assertThat(failure.error()).contains("invalid_client");
        }

        @Test
        void areOfTheRightClient() {
            TokenException.Rejected failure = rejected(source(ITSELF, keycloak.certificate("another")));

            assertThat(failure.error()).contains("invalid_client");
        }
    }
}
