package io.monotoken.testing;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpMethod;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/** The resources of Comply One that the stand-in has, for requests with a valid token. */
final class ComplyOneResources {

    private static final String EMPLOYEES = """
            [{"id":1,"firstName":"Ada","lastName":"Nguyen","position":"Site Supervisor"},\
            {"id":2,"firstName":"Ben","lastName":"Walker","position":"Electrician"},\
            {"id":3,"firstName":"Chloe","lastName":"Singh","position":"Safety Officer"}]""";

    private ComplyOneResources() {}

    /** Returns the answer to a request for a resource, or null when there is no such resource. */
    static @Nullable Mono<Answer> answer(HttpServerRequest request, String path, String username) {
        if (request.method().equals(HttpMethod.GET)) {
            if (path.equals("/me")) {
                return Mono.just(Answer.json(200, "{\"username\":\"" + escaped(username) + "\"}"));
            }
            if (path.equals("/employees")) {
                return Mono.just(Answer.json(200, EMPLOYEES));
            }
        }
        return request.method().equals(HttpMethod.POST) && path.equals("/echo") ? echo(request) : null;
    }

    private static Mono<Answer> echo(HttpServerRequest request) {
        return request.receive().collect(Digest::new, Digest::add).map(digest -> Answer.json(200, digest.json()));
    }

    private static String escaped(String text) {
        StringBuilder json = new StringBuilder(text.length());
        text.chars().forEach(character -> {
            if (character == '"' || character == '\\') {
                json.append('\\').append((char) character);
            } else if (character < ' ') {
                json.append(String.format("\\u%04x", character));
            } else {
                json.append((char) character);
            }
        });
        return json.toString();
    }

    /** The length and the SHA-256 of a body, which itself is not kept. */
    private static final class Digest {

        private final MessageDigest sha256;
        private long length;

        Digest() {
            try {
                sha256 = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }

        void add(ByteBuf part) {
            length += part.readableBytes();
            sha256.update(part.nioBuffer());
        }

        String json() {
            return "{\"length\":" + length + ",\"sha256\":\"" + HexFormat.of().formatHex(sha256.digest()) + "\"}";
        }
    }
}
