package io.monotoken.spring.client;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/** Which statuses of an answer say that the token is no longer good: 401, and what an API has in its place. */
final class UnauthorizedStatuses {

    private static final int UNAUTHORIZED = 401;
    private static final UnauthorizedStatuses USUAL = new UnauthorizedStatuses(Set.of());

    private final Set<Integer> others;

    private UnauthorizedStatuses(Set<Integer> others) {
        this.others = others;
    }

    /** {@return 401 alone} */
    static UnauthorizedStatuses usual() {
        return USUAL;
    }

    /** Takes others as well, if another token may help where an API answers with them. */
    static UnauthorizedStatuses with(Collection<Integer> others) {
        new TreeSet<>(others).forEach(UnauthorizedStatuses::check);
        return new UnauthorizedStatuses(Set.copyOf(others));
    }

    private static void check(int status) {
        String why = status < 400 || status > 599
                ? "is no status of an error; name one from 400 to 499"
                : status >= 500
                        ? "says that the server failed, whatever the token; name one from 400 to 499"
                        : status == 407
                                ? "is of a proxy, which does not see the token; leave it out"
                                : status == 429
                                        ? "asks to send less, and the same request would be sent once more; leave it out"
                                        : null;
        if (why != null) {
            throw new IllegalArgumentException("status " + status + " " + why);
        }
    }

    boolean contains(int status) {
        return status == UNAUTHORIZED || (!others.isEmpty() && others.contains(status));
    }

    @Override
    public String toString() {
        return "UnauthorizedStatuses" + new TreeSet<>(others);
    }
}
