package io.monotoken.spring.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * Makes the next request of a redirect, or says once why callers get redirects as they are.
 *
 * <p>A request leads to one without a body, or to the same one where its body can be sent again. The method changes as
 * browsers change it: after 303 to GET, after 301 and 302 from POST to GET, never after 307 and 308.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-15.4">RFC 9110, section 15.4</a>
 */
final class Redirects {

    static final int MOST = 5;

    private static final Logger log = Loggers.getLogger(BearerTokenFilter.class);

    /** Of the origin they were sent to. */
    private static final Set<String> OF_AN_ORIGIN = Set.of("authorization", "cookie", "host", "proxy-authorization");

    private final String client;
    private final List<AllowedOrigin> origins;
    private final boolean follows;
    private final AtomicBoolean warned = new AtomicBoolean();

    Redirects(String client, List<AllowedOrigin> origins, boolean follows) {
        this.client = client;
        this.origins = origins;
        this.follows = follows;
    }

    /**
     * One more request, and where to.
     *
     * @param request the request without its token
     * @param origin its origin, which may see the token
     */
    record Hop(ClientRequest request, AllowedOrigin origin) {}

    /** {@return whether an answer asks its caller to go elsewhere} */
    static boolean isRedirect(ClientResponse response) {
        return switch (response.statusCode().value()) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    boolean follows() {
        return follows;
    }

    /**
     * Decides about a redirect.
     *
     * @param from the request that was answered by it
     * @param response the redirect
     * @param followed how many redirects led to it
     * @param replayable whether the request can be sent again
     * @param ownAuthorization whether the request has its own Authorization instead of the token; it never leaves its origin
     * @return the request that follows; null if callers get the redirect
     */
    @Nullable
    Hop next(Hop from, ClientResponse response, int followed, boolean replayable, boolean ownAuthorization) {
        if (!follows) {
            return handedOut(
                    from, response, "redirects are not followed; set the client's follow-redirects if they should be");
        }
        if (followed >= MOST) {
            return handedOut(from, response, "it is the sixth in a row");
        }
        URI target = target(from.request.url(), response.headers().header(HttpHeaders.LOCATION));
        if (target == null) {
            return handedOut(from, response, "its Location is missing or no address");
        }
        String flaw = Origin.flaw(target);
        if (flaw != null) {
            return handedOut(from, response, flaw);
        }
        AllowedOrigin origin = allowed(target);
        if (origin == null) {
            return handedOut(
                    from,
                    response,
                    Origin.of(target)
                            + " is no allowed origin; if it may see the token, add it to the client's allowed-origins");
        }
        if (isHttps(from.request.url()) && !isHttps(target)) {
            return handedOut(from, response, "it leads from https to http");
        }
        if (ownAuthorization && origin != from.origin) {
            return handedOut(from, response, "the request has its own Authorization, which stays in its origin");
        }
        int status = response.statusCode().value();
        boolean bare = from.request.body() == BodyInserters.empty();
        boolean becomesGet = becomesGet(status, from.request.method());
        if (!becomesGet && !replayable) {
            return handedOut(from, response, "the request cannot be sent again");
        }
        if (!bare && (status == 301 || status == 302)) {
            return handedOut(from, response, "the request has a body; only after 307 and 308 it would be the same");
        }
        return new Hop(request(from, target, origin, becomesGet), origin);
    }

    private @Nullable Hop handedOut(Hop from, ClientResponse response, String why) {
        if (warned.compareAndSet(false, true)) {
            log.warn(
                    "Client '{}': {} answered a {} request with the redirect {}, which its caller gets: {}."
                            + " Later ones are not logged",
                    client,
                    from.origin,
                    from.request.method(),
                    response.statusCode().value(),
                    why);
        }
        return null;
    }

    private @Nullable AllowedOrigin allowed(URI target) {
        for (AllowedOrigin origin : origins) {
            if (origin.covers(target)) {
                return origin;
            }
        }
        return null;
    }

    private static boolean isHttps(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme());
    }

    private static boolean becomesGet(int status, HttpMethod method) {
        return switch (status) {
            case 301, 302 -> method.equals(HttpMethod.POST);
            case 303 -> !method.equals(HttpMethod.HEAD);
            default -> false;
        };
    }

    private static ClientRequest request(Hop from, URI target, AllowedOrigin origin, boolean get) {
        ClientRequest.Builder next = ClientRequest.from(from.request).url(target);
        if (origin != from.origin) {
            next.headers(headers -> OF_AN_ORIGIN.forEach(headers::remove)).cookies(cookies -> cookies.clear());
        }
        if (get) {
            next.method(HttpMethod.GET).body(BodyInserters.empty()).headers(Redirects::removeBody);
        }
        return next.build();
    }

    /** What is said of a body goes with it. */
    private static void removeBody(HttpHeaders headers) {
        Set.copyOf(headers.headerNames()).stream()
                .filter(name -> isOfBody(name.toLowerCase(Locale.ROOT)))
                .forEach(headers::remove);
    }

    private static boolean isOfBody(String name) {
        return name.startsWith("content-")
                || Set.of("transfer-encoding", "trailer", "expect").contains(name);
    }

    /**
     * Resolves a Location as RFC 3986, section 5.2 does, which {@link URI#resolve} does not: it loses the path before a
     * query alone, and takes a path below a bare host for a part of that host's name.
     */
    private static @Nullable URI target(URI base, List<String> locations) {
        if (locations.size() != 1) {
            return null;
        }
        try {
            URI location = new URI(locations.get(0).strip());
            if (location.isOpaque()) {
                return null;
            }
            boolean elsewhere = location.getRawAuthority() != null;
            if (location.isAbsolute() && !elsewhere) {
                return null; // https:/path and https:path mean something else to everybody
            }
            String scheme = location.isAbsolute() ? location.getScheme() : base.getScheme();
            String authority = elsewhere ? location.getRawAuthority() : base.getRawAuthority();
            String path = elsewhere ? location.getRawPath() : path(base, location);
            boolean sameDocument = !elsewhere && location.getRawPath().isEmpty() && location.getRawQuery() == null;
            String query = sameDocument ? base.getRawQuery() : location.getRawQuery();
            return new URI(scheme + "://" + authority + withoutDots(path) + (query == null ? "" : "?" + query));
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static String path(URI base, URI location) {
        String path = location.getRawPath();
        String above = Objects.requireNonNullElse(base.getRawPath(), "");
        if (path.isEmpty()) {
            return above;
        }
        if (path.startsWith("/")) {
            return path;
        }
        return above.isEmpty() ? "/" + path : above.substring(0, above.lastIndexOf('/') + 1) + path;
    }

    /** Without the segments {@code .} and {@code ..}; {@link URI#normalize} also merges slashes. */
    private static String withoutDots(String path) {
        Deque<String> kept = new ArrayDeque<>();
        Iterator<String> segments = List.of(path.split("/", -1)).iterator();
        while (segments.hasNext()) {
            String segment = segments.next();
            boolean up = segment.equals("..");
            if (up && kept.size() > 1) {
                kept.removeLast();
            }
            if (!up && !segment.equals(".")) {
                kept.add(segment);
            } else if (!segments.hasNext()) {
                kept.add("");
            }
        }
        return String.join("/", kept);
    }
}
