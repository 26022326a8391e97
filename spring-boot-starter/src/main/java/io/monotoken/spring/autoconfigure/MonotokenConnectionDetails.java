package io.monotoken.spring.autoconfigure;

import io.monotoken.Credentials;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import reactor.core.publisher.Mono;

/**
 * Where clients find their services and who they are there, as a test, a container or a vault knows it.
 *
 * <p>A value that is not null replaces the property of the same name. A client still needs one property below
 * {@code monotoken.clients.<name>}, such as {@code provider}: only properties tell which clients there are, so without one
 * it has no beans.
 *
 * <p>Beside a stand-in of {@code monotoken-testing}, which knows all of this itself, only {@link #baseUrl} is asked, and only
 * where there is no stand-in for the API: a test must not send a real secret to a real provider.
 */
public interface MonotokenConnectionDetails extends ConnectionDetails {

    /**
     * Returns the address of a client's token endpoint.
     *
     * @param client the client's name
     * @return the address, or null to leave it to the properties
     */
    default @Nullable URI tokenUri(String client) {
        return null;
    }

    /**
     * Returns the address of the API that a client calls.
     *
     * @param client the client's name
     * @return the address, or null to leave it to the properties
     */
    default @Nullable URI baseUrl(String client) {
        return null;
    }

    /**
     * Returns a client's id.
     *
     * @param client the client's name
     * @return the id, or null to leave it to the properties
     */
    default @Nullable String clientId(String client) {
        return null;
    }

    /**
     * Returns a client's secret.
     *
     * @param client the client's name
     * @return the secret, or null to leave it to the properties
     */
    default @Nullable String clientSecret(String client) {
        return null;
    }

    /**
     * Returns where a client's secret comes from that may change, such as a vault. It is not kept: each token request asks anew.
     *
     * @param client the client's name
     * @return cold, must not block, wins over {@link #clientSecret}; or null to leave it to that
     */
    default @Nullable Mono<String> changingClientSecret(String client) {
        return null;
    }

    /**
     * Returns where a client's assertion comes from that somebody else makes, such as a key management service, for
     * {@code client-authentication: assertion}. It is not kept: each token request asks anew.
     *
     * @param client the client's name
     * @return cold, must not block, wins over the property {@code assertion.file}; or null to leave it to that
     * @see <a href="https://www.rfc-editor.org/rfc/rfc7521#section-4.2">RFC 7521, section 4.2</a>
     */
    default @Nullable Mono<String> clientAssertion(String client) {
        return null;
    }

    /**
     * Returns the name of the user that a client logs in.
     *
     * @param client the client's name
     * @return the user name, or null to leave it to the properties
     */
    default @Nullable String username(String client) {
        return null;
    }

    /**
     * Returns the password of the user that a client logs in.
     *
     * @param client the client's name
     * @return the password, or null to leave it to the properties
     */
    default @Nullable String password(String client) {
        return null;
    }

    /**
     * Returns where a client's user name and password come from that may change, such as a vault. They are not kept: each
     * login asks anew, and after a refused one calls have them asked for, at most every five seconds, so that a corrected
     * password is used without a restart.
     *
     * @param client the client's name
     * @return cold, must not block (see {@link Credentials#blocking}), wins over {@link #username} and {@link #password};
     *     or null to leave it to them
     */
    default @Nullable Mono<Credentials> credentials(String client) {
        return null;
    }

    /**
     * Returns the refresh token that a client starts from.
     *
     * @param client the client's name
     * @return the refresh token, or null to leave it to the properties
     */
    default @Nullable String refreshToken(String client) {
        return null;
    }
}
