package io.monotoken;

import java.util.Objects;
import java.util.concurrent.Callable;
import reactor.core.publisher.Mono;

/**
 * A resource owner's user name and password. {@link #toString()} does not show the password.
 *
 * @param username the user name; without line breaks
 * @param password the password; without line breaks
 */
public record Credentials(String username, String password) {

    /**
     * Refuses line breaks, which no login form can send and which usually come from a file read whole.
     *
     * @param username the user name
     * @param password the password
     */
    public Credentials {
        refuseLineBreaks("username", Objects.requireNonNull(username, "username"));
        refuseLineBreaks("password", Objects.requireNonNull(password, "password"));
    }

    /**
     * Wraps a supplier that blocks, such as a vault's client or a file, so that it never runs on an event loop.
     *
     * <p>Threads: the supplier is called by {@link BlockingCall}, once for each subscription.
     *
     * @param supplier reads the credentials; may block
     * @return a cold Mono to build a {@link PasswordGrant} from; fails with whatever the supplier throws
     */
    public static Mono<Credentials> blocking(Callable<Credentials> supplier) {
        return BlockingCall.mono(Objects.requireNonNull(supplier, "supplier"));
    }

    private static void refuseLineBreaks(String name, String value) {
        if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0) {
            throw new IllegalArgumentException(
                    name + " must not contain a line break; was it read from a file with its last line end?");
        }
    }

    @Override
    public String toString() {
        return "Credentials[username=" + username + ", password=REDACTED]";
    }
}
