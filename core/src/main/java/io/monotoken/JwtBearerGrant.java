package io.monotoken;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import reactor.core.publisher.Mono;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * The JWT bearer grant: a signed assertion stands for the user or service that it names. Each renewal has a new one, unless the
 * provider gives a refresh token. Immutable; {@link #toString()} shows no assertion.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7523#section-2.1">RFC 7523, section 2.1</a>
 */
public final class JwtBearerGrant implements Grant {

    /** The value of {@code grant_type}: {@value}. */
    public static final String GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private static final Logger log = Loggers.getLogger(JwtBearerGrant.class);

    private final Mono<String> assertion;
    private final Set<String> scopes;
    private final Map<String, List<String>> parameters;

    /**
     * Shows assertions that somebody else makes, such as a key management service.
     *
     * @param assertion cold; subscribed for each login; must not block; a final line end is left out
     * @param scopes the scopes to ask for, may be empty
     * @param parameters further form fields
     */
    public JwtBearerGrant(Mono<String> assertion, Collection<String> scopes, Map<String, List<String>> parameters) {
        this.assertion = Objects.requireNonNull(assertion, "assertion");
        this.scopes = ScopeSet.of(scopes);
        this.parameters = TokenRequest.copyOf(parameters);
    }

    /**
     * Signs the assertions here.
     *
     * @param key what signs them
     * @param settings with an audience
     * @param issuer who says so, usually the client's id
     * @param subject of whom it is said: the user or service that the tokens are for
     * @param scopes the scopes to ask for, may be empty
     * @throws IllegalArgumentException if the settings name no audience
     */
    public JwtBearerGrant(
            SigningKey key, AssertionSettings settings, String issuer, String subject, Collection<String> scopes) {
        this(signed(key, settings, issuer, subject), scopes, Map.of());
    }

    private static Mono<String> signed(SigningKey key, AssertionSettings settings, String issuer, String subject) {
        String audience = settings.audience()
                .orElseThrow(() -> new IllegalArgumentException(
                        "the assertion of a grant needs an audience, usually the provider's issuer; set it with"
                                + " AssertionSettings.withAudience"));
        warnOf("audience", audience);
        warnOf("issuer", Objects.requireNonNull(issuer, "issuer"));
        warnOf("subject", Objects.requireNonNull(subject, "subject"));
        key.keyId().ifPresent(id -> warnOf("key id", id));
        AssertionSettings typed = settings.type().isPresent() ? settings : settings.withType("JWT");
        return typed.assertion(key, issuer, subject, audience);
    }

    private static void warnOf(String what, String text) {
        DoubtfulText.in(text)
                .forEach(doubt -> log.warn("The {} in the assertion of a grant {}; it is sent as it is", what, doubt));
    }

    @Override
    public Mono<TokenRequest> request() {
        return assertion.map(value -> TokenRequest.of(GRANT_TYPE)
                .with("assertion", withoutLineEnd(value))
                .withSharedScopes(scopes)
                .withAll(parameters));
    }

    private static String withoutLineEnd(String assertion) {
        String line = assertion.endsWith("\n") ? assertion.substring(0, assertion.length() - 1) : assertion;
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    @Override
    public String toString() {
        return "JwtBearerGrant[scopes=" + scopes + ", parameters=" + parameters.keySet() + "]";
    }
}
