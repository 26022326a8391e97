package io.monotoken.endpoint;

import io.monotoken.AssertionSettings;
import io.monotoken.BlockingCall;
import io.monotoken.DoubtfulText;
import io.monotoken.SigningKey;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.Fuseable;
import reactor.core.publisher.Mono;

/**
 * How a client proves to the token endpoint who it is; exactly one way for each request, and anew for each one. {@link #toString()}
 * shows the client's id and never a secret.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-2.3">RFC 6749, section 2.3</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7523#section-2.2">RFC 7523, section 2.2</a>
 */
public final class ClientAuthentication {

    private static final String POST = "client_secret_post";
    private static final String BASIC = "client_secret_basic";
    private static final String PRIVATE_KEY_JWT = "private_key_jwt";
    private static final String SECRET_JWT = "client_secret_jwt";
    private static final String SECRET = "client secret";
    private static final String RAW = "client_secret_basic_raw";
    private static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static final Pattern JWT = Pattern.compile("[\\w-]+\\.[\\w-]+\\.[\\w-]+");
    private static final String ADVICE = "check who signed the assertion, for which audience and until when it is good";
    private static final int LONGEST_ASSERTION = 64 * 1024;

    private final String method;
    private final String clientId;
    private final @Nullable String secret;
    private final boolean constant;
    private final Function<URI, Mono<ClientProof>> proof;
    private final Mono<ProofFingerprint> material;

    private ClientAuthentication(
            String method,
            String clientId,
            @Nullable String secret,
            boolean constant,
            Function<URI, Mono<ClientProof>> proof,
            Mono<ProofFingerprint> material) {
        ProofFingerprint.prepare();
        this.material = material;
        this.constant = constant;
        this.method = method;
        this.clientId = clientId;
        this.secret = secret;
        this.proof = proof;
    }

    private static ClientAuthentication constant(
            String method, String clientId, @Nullable String secret, ClientProof proof) {
        Mono<ClientProof> same = Mono.just(proof);
        return new ClientAuthentication(method, clientId, secret, true, tokenUri -> same, Mono.empty());
    }

    /**
     * Sends id and secret as form fields, as the Comply One documentation asks; understood by nearly every provider.
     *
     * @param clientId the client's id
     * @param clientSecret the client's secret
     * @return {@code client_secret_post}
     */
    public static ClientAuthentication clientSecretPost(String clientId, String clientSecret) {
        return constant(POST, checked(clientId), clientSecret, posted(clientId, checkedSecret(clientSecret)));
    }

    /**
     * As {@link #clientSecretPost(String, String)} with a secret that changes while the application runs.
     *
     * @param clientId the client's id
     * @param clientSecret cold; subscribed for each request; must not block; a final line end is dropped
     * @return {@code client_secret_post}
     */
    public static ClientAuthentication clientSecretPost(String clientId, Mono<String> clientSecret) {
        return supplied(POST, clientId, clientSecret, ClientAuthentication::posted);
    }

    /**
     * Sends id and secret in an {@code Authorization: Basic} header, each form-encoded first as RFC 6749, section 2.3.1
     * asks.
     *
     * @param clientId the client's id
     * @param clientSecret the client's secret
     * @return {@code client_secret_basic}
     */
    public static ClientAuthentication clientSecretBasic(String clientId, String clientSecret) {
        return constant(BASIC, checked(clientId), clientSecret, basic(clientId, checkedSecret(clientSecret)));
    }

    /**
     * As {@link #clientSecretBasic(String, String)} with a secret that changes while the application runs.
     *
     * @param clientId the client's id
     * @param clientSecret cold; subscribed for each request; must not block; a final line end is dropped
     * @return {@code client_secret_basic}
     */
    public static ClientAuthentication clientSecretBasic(String clientId, Mono<String> clientSecret) {
        return supplied(BASIC, clientId, clientSecret, ClientAuthentication::basic);
    }

    /**
     * Sends id and secret in an {@code Authorization: Basic} header as they are, for servers that do not decode them,
     * such as IdentityServer 3.
     *
     * @param clientId the client's id; without a colon
     * @param clientSecret the client's secret
     * @return {@code client_secret_basic} without the form encoding
     */
    public static ClientAuthentication clientSecretBasicRaw(String clientId, String clientSecret) {
        return constant(RAW, withoutColon(clientId), clientSecret, raw(clientId, checkedSecret(clientSecret)));
    }

    /**
     * As {@link #clientSecretBasicRaw(String, String)} with a secret that changes while the application runs.
     *
     * @param clientId the client's id; without a colon
     * @param clientSecret cold; subscribed for each request; must not block; a final line end is dropped
     * @return {@code client_secret_basic} without the form encoding
     */
    public static ClientAuthentication clientSecretBasicRaw(String clientId, Mono<String> clientSecret) {
        return supplied(RAW, withoutColon(clientId), clientSecret, ClientAuthentication::raw);
    }

    private static String withoutColon(String clientId) {
        if (checked(clientId).indexOf(':') >= 0) {
            throw new IllegalArgumentException("clientId must not contain a colon without form encoding, was '"
                    + clientId + "'; use clientSecretBasic or clientSecretPost");
        }
        return clientId;
    }

    /**
     * Sends the id alone, for public clients, and for those that prove themselves by the certificate of the connection.
     *
     * @param clientId the client's id
     * @return no authentication
     */
    public static ClientAuthentication none(String clientId) {
        return constant(
                "none", checked(clientId), null, new ClientProof(Map.of("client_id", clientId), null, List.of()));
    }

    /**
     * Sends the id alone, for a client that proves itself by the certificate of the connection: the endpoint's HTTP client has
     * its key. It is the same for {@code self_signed_tls_client_auth}, where the provider knows that very certificate.
     *
     * @param clientId the client's id
     * @return {@code tls_client_auth}
     * @see <a href="https://www.rfc-editor.org/rfc/rfc8705#section-2">RFC 8705, section 2</a>
     */
    public static ClientAuthentication tlsClientAuth(String clientId) {
        return constant(
                "tls_client_auth",
                checked(clientId),
                null,
                new ClientProof(
                        Map.of("client_id", clientId),
                        null,
                        List.of(),
                        "check which certificate the provider knows for the client, and that the connection shows it"));
    }

    /**
     * Signs an assertion for each request with a private key whose public part the provider has.
     *
     * @param clientId the client's id
     * @param key what signs it
     * @param settings what it says
     * @return {@code private_key_jwt}
     */
    public static ClientAuthentication privateKeyJwt(String clientId, SigningKey key, AssertionSettings settings) {
        return signed(PRIVATE_KEY_JWT, clientId, Mono.just(Signer.of(key)), settings);
    }

    /**
     * As {@link #privateKeyJwt(String, SigningKey, AssertionSettings)} with a key that changes while the application runs.
     *
     * @param clientId the client's id
     * @param key cold; subscribed for each request; must not block
     * @param settings what the assertion says
     * @return {@code private_key_jwt}
     */
    public static ClientAuthentication privateKeyJwt(
            String clientId, Mono<SigningKey> key, AssertionSettings settings) {
        return signed(
                PRIVATE_KEY_JWT, clientId, Objects.requireNonNull(key, "key").map(Signer::of), settings);
    }

    /**
     * Signs an assertion for each request with the client's secret, which is not sent itself.
     *
     * @param clientId the client's id
     * @param clientSecret the client's secret; at least 32 bytes
     * @param settings what it says
     * @return {@code client_secret_jwt}
     */
    public static ClientAuthentication clientSecretJwt(
            String clientId, String clientSecret, AssertionSettings settings) {
        return signed(SECRET_JWT, clientId, Mono.just(Signer.ofSecret(clientSecret)), settings);
    }

    /**
     * As {@link #clientSecretJwt(String, String, AssertionSettings)} with a secret that changes while the application runs.
     *
     * @param clientId the client's id
     * @param clientSecret cold; subscribed for each request; must not block; a final line end is dropped
     * @param settings what the assertion says
     * @return {@code client_secret_jwt}
     */
    public static ClientAuthentication clientSecretJwt(
            String clientId, Mono<String> clientSecret, AssertionSettings settings) {
        return signed(
                SECRET_JWT,
                clientId,
                Objects.requireNonNull(clientSecret, "clientSecret").map(Signer::ofSuppliedSecret),
                settings);
    }

    /**
     * What signs an assertion.
     *
     * @param texts what a person may have mistyped, by what it is
     */
    private record Signer(SigningKey key, Map<String, String> texts) {

        static Signer of(SigningKey key) {
            if (key.algorithm().startsWith("HS")) {
                throw new ClientProof.UnusableException(
                        "private_key_jwt needs a private key, and this one is a secret; use clientSecretJwt");
            }
            return new Signer(key, key.keyId().map(id -> Map.of("key id", id)).orElse(Map.of()));
        }

        static Signer ofSecret(String secret) {
            return new Signer(SigningKey.ofSecret(checkedSecret(secret)), Map.of(SECRET, secret));
        }

        static Signer ofSuppliedSecret(String secret) {
            try {
                return ofSecret(withoutLineEnd(secret));
            } catch (IllegalArgumentException e) {
                throw new ClientProof.UnusableException(String.valueOf(e.getMessage()));
            }
        }

        ProofFingerprint fingerprint() {
            return ProofFingerprint.of(key.fingerprint());
        }

        Mono<ClientProof> proof(String clientId, AssertionSettings settings, URI tokenUri) {
            Map<String, String> all = new LinkedHashMap<>(texts);
            settings.audience().ifPresent(audience -> all.put("audience", audience));
            return settings.assertion(key, clientId, clientId, ShownUri.of(tokenUri))
                    .map(jwt -> asserted(clientId, jwt, advice(key, settings, tokenUri))
                            .madeOf(fingerprint())
                            .withTexts(all));
        }

        @Override
        public String toString() {
            return "Signer[" + key + "]";
        }
    }

    private static ClientAuthentication signed(
            String method, String clientId, Mono<Signer> signers, AssertionSettings settings) {
        checked(clientId);
        Objects.requireNonNull(settings, "settings");
        return new ClientAuthentication(
                method,
                clientId,
                null,
                false,
                tokenUri -> signers.flatMap(signer -> signer.proof(clientId, settings, tokenUri)),
                signers instanceof Fuseable.ScalarCallable // always the same
                        ? Mono.empty()
                        : signers.map(Signer::fingerprint));
    }

    /**
     * Sends assertions that somebody else makes, such as a key management service or a workload's identity.
     *
     * @param clientId the client's id
     * @param assertion cold; subscribed for each request; must not block
     * @return a {@code client_assertion}
     */
    public static ClientAuthentication assertion(String clientId, Mono<String> assertion) {
        return asserted(clientId, assertion, Mono.empty()); // another one each time says nothing of who signs it
    }

    private static ClientAuthentication asserted(
            String clientId, Mono<String> assertion, Mono<ProofFingerprint> material) {
        checked(clientId);
        Objects.requireNonNull(assertion, "assertion");
        return new ClientAuthentication(
                "assertion",
                clientId,
                null,
                false,
                tokenUri -> assertion.map(
                        jwt -> asserted(clientId, checkedAssertion(jwt), ADVICE).madeOf(ProofFingerprint.of(jwt))),
                material);
    }

    /**
     * Sends the assertion that a file has at the moment, as Kubernetes and the clouds put a workload's identity there.
     *
     * <p>Threads: read for each request by {@link BlockingCall}.
     *
     * @param clientId the client's id
     * @param file holds one assertion and perhaps a line end; need not be there yet
     * @return a {@code client_assertion}
     */
    public static ClientAuthentication assertionFile(String clientId, Path file) {
        Objects.requireNonNull(file, "file");
        Mono<String> content = BlockingCall.mono(() -> contentOf(file));
        return asserted(clientId, content, content.map(ProofFingerprint::of));
    }

    private static String contentOf(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new ClientProof.UnusableException(
                    "the file " + file + (Files.exists(file) ? " is a directory, or no file" : " is not there"));
        }
        long length = Files.size(file);
        if (length == 0 || length > LONGEST_ASSERTION) {
            throw new ClientProof.UnusableException("the file " + file
                    + (length == 0
                            ? " is empty"
                            : " is longer than an assertion can be: " + LONGEST_ASSERTION + " bytes"));
        }
        return Files.readString(file);
    }

    private static ClientAuthentication supplied(
            String method, String clientId, Mono<String> supplier, BiFunction<String, String, ClientProof> proof) {
        checked(clientId);
        Objects.requireNonNull(supplier, "clientSecret");
        return new ClientAuthentication(
                method,
                clientId,
                null,
                false,
                tokenUri -> supplier.map(secret -> proof.apply(clientId, checkedSecret(withoutLineEnd(secret)))
                        .madeOf(ProofFingerprint.of(secret))
                        .withTexts(Map.of(SECRET, withoutLineEnd(secret)))),
                supplier.map(ProofFingerprint::of));
    }

    private static ClientProof posted(String clientId, String secret) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("client_id", clientId);
        fields.put("client_secret", secret);
        return new ClientProof(fields, null, secrets(clientId, secret));
    }

    private static ClientProof basic(String clientId, String secret) {
        String pair = FormBody.encoded(clientId) + ":" + FormBody.encoded(secret);
        return new ClientProof(Map.of(), "Basic " + base64(pair), secrets(clientId, secret));
    }

    private static ClientProof raw(String clientId, String secret) {
        return new ClientProof(Map.of(), "Basic " + base64(clientId + ":" + secret), secrets(clientId, secret));
    }

    private static String advice(SigningKey key, AssertionSettings settings, URI tokenUri) {
        String checkKey = key.algorithm().startsWith("HS")
                ? "check the client's secret, and that the provider takes assertions signed with it by "
                        + key.algorithm()
                : "check that the provider has the key"
                        + key.keyId().map(id -> " '" + id + "'").orElse(", which has no id here,") + " for "
                        + key.algorithm();
        return checkKey + " and takes the audience " + settings.audience().orElseGet(() -> ShownUri.of(tokenUri));
    }

    private static ClientProof asserted(String clientId, String jwt, String advice) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("client_id", clientId);
        fields.put("client_assertion_type", ASSERTION_TYPE);
        fields.put("client_assertion", jwt);
        return new ClientProof(fields, null, List.of(jwt), advice);
    }

    /** {@return the secret, and id and secret as a header would have them} */
    private static List<String> secrets(String clientId, String secret) {
        return List.of(
                secret,
                base64(clientId + ":" + secret),
                base64(FormBody.encoded(clientId) + ":" + FormBody.encoded(secret)));
    }

    private static String base64(String pair) {
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static String withoutLineEnd(String text) {
        return text.endsWith("\r\n")
                ? text.substring(0, text.length() - 2)
                : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    private static String checkedAssertion(String text) {
        String jwt = withoutLineEnd(text);
        if (!JWT.matcher(jwt).matches()) {
            throw new ClientProof.UnusableException(
                    "it is no JWT, which has three parts of letters, digits, '-' and '_' with dots between"
                            + DoubtfulText.in(jwt).stream()
                                    .map(doubt -> "; it " + doubt)
                                    .collect(Collectors.joining()));
        }
        return jwt;
    }

    private static String checked(String clientId) {
        if (Objects.requireNonNull(clientId, "clientId").isBlank()) {
            throw new IllegalArgumentException("clientId must not be blank");
        }
        return withoutControls("clientId", clientId);
    }

    private static String checkedSecret(String clientSecret) {
        return withoutControls("clientSecret", Objects.requireNonNull(clientSecret, "clientSecret"));
    }

    private static String withoutControls(String name, String value) {
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new ClientProof.UnusableException(
                    name + " must not contain control characters; was it read from a file with its last line end?");
        }
        return value;
    }

    /** {@return the client's id} */
    public String clientId() {
        return clientId;
    }

    /** {@return what the next request shows; a new one for each subscription} */
    Mono<ClientProof> proof(URI tokenUri) {
        return proof.apply(tokenUri);
    }

    /** {@return whether the next request shows something else than one did before; empty when that never is, or nobody knows} */
    Mono<Boolean> isOtherThan(@Nullable ProofFingerprint before) {
        return material.map(now -> !now.equals(before));
    }

    /** {@return whether each request shows the same} */
    boolean isConstant() {
        return constant;
    }

    /** {@return the secret, if it is known before a request} */
    @Nullable
    String secret() {
        return secret;
    }

    @Override
    public String toString() {
        return "ClientAuthentication[method=" + method + ", clientId=" + clientId
                + (secret == null ? "]" : ", secret=REDACTED]");
    }
}
