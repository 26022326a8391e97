package io.monotoken.endpoint;

import io.monotoken.DoubtfulText;
import io.monotoken.Grant;
import io.monotoken.TokenRequest;
import io.monotoken.TokenResponse;
import io.monotoken.endpoint.ResponseReader.Body;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.Logger;
import reactor.util.Loggers;

/** What works and is still worth a warning: each kind of it once for each endpoint, so that no log fills up. */
final class ProviderWarnings {

    private static final Logger log =
            Loggers.getLogger("io.monotoken.endpoint.TokenEndpoint"); // whose warnings these are

    private static final int LONG_TOKEN = 8 * 1024;

    /** What two doubts of one kind do not have in common. */
    private static final Pattern PLACE = Pattern.compile("( \\(U\\+\\p{XDigit}+\\))?,? at (position \\d+|its .*)");

    private final URI uri;
    private final String clientId;
    private final Map<String, Integer> longest;
    private final Set<ProofFingerprint> known;
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    /**
     * @param longest how many characters of a field the server reads
     * @param known texts that somebody has looked at
     */
    ProviderWarnings(URI uri, String clientId, Map<String, Integer> longest, Set<ProofFingerprint> known) {
        this.known = known;
        this.uri = uri;
        this.clientId = clientId;
        this.longest = longest;
    }

    /** Looks at what is sent without asking anybody, so as early as the source is built. */
    void ofConstant(Grant grant) {
        if (grant.isConstant()) {
            Mono.defer(grant::request).subscribe(this::ofRequest, unusable -> {}); // and a login tells why
        }
    }

    void ofRequest(TokenRequest request) {
        longest.keySet().forEach(field -> ofField(field, request.first(field)));
        ofText("user name", request.first("username"));
        ofText("password", request.first("password"));
    }

    /** Looks at texts that hardly anybody means, without showing them. */
    void ofTexts(Map<String, String> texts) {
        texts.forEach(this::ofText);
    }

    /** Warns once for each kind of doubt and place that a text comes from. */
    void ofText(String what, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            return;
        }
        List<String> doubts = DoubtfulText.in(text);
        if (!doubts.isEmpty() && !known.contains(ProofFingerprint.of(text))) {
            doubts.forEach(doubt -> tell(
                    what + PLACE.matcher(doubt).replaceFirst(""),
                    "has a doubtful " + what + ": it " + doubt + "; it is sent as it is"));
        }
    }

    void ofField(String field, @Nullable String value) {
        int limit = longest.getOrDefault(field, Integer.MAX_VALUE);
        if (value != null && value.length() > limit) {
            tell(
                    field,
                    "has a " + field + " of " + value.length() + " characters, and the server takes " + limit
                            + ": it will answer with an error that does not say so; check what the value was copied"
                            + " from");
        }
    }

    void ofAnswer(TokenRequest request, Body.Success success) {
        TokenResponse response = success.response();
        switch (success.life()) {
            case READ -> {}
            case ABSENT -> tell("life", "gets tokens without expires_in; the default lifetime counts");
            case UNREADABLE -> tell("life", "gets tokens whose expires_in is no number; the default lifetime counts");
            case NEGATIVE -> tell("life", "gets tokens whose expires_in is negative; they are used once and not kept");
        }
        Set<String> missing = new LinkedHashSet<>(request.scopes());
        if (response.scopes() != null) {
            missing.removeAll(response.scopes());
            missing.remove("offline_access"); // asks for a refresh token, and servers differ in naming it afterwards
            if (!missing.isEmpty()) {
                tell("scope", "did not get the scopes " + missing + "; check what the client is registered for");
            }
        }
        if (request.scopes().contains("offline_access") && response.refreshToken() == null) {
            tell(
                    "offline_access",
                    "asked for offline_access and got no refresh token: every renewal is a login; check what the client"
                            + " is registered for");
        }
        int length = response.accessToken().length();
        if (length > LONG_TOKEN) {
            tell("length", "got a token of " + length + " bytes; many servers refuse headers above " + LONG_TOKEN);
        }
    }

    private void tell(String kind, String what) {
        if (told.add(kind)) {
            log.warn("{}: client '{}' {}", ShownUri.of(uri), clientId, what);
        }
    }
}
