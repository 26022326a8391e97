package io.monotoken.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The JDK's HTTP client without any convenience, so that a test sees what is sent and received. */
final class PlainClient {

    static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(FIVE_SECONDS)
            .build();

    private PlainClient() {}

    /** Returns the documentation's example, sorted by field. */
    static Form login() {
        return new Form(Map.of())
                .with("grant_type", "password")
                .with("username", "john.smith@contoso.com")
                .with("password", "P4ssw0rd")
                .with("client_id", "your_client_id")
                .with("client_secret", "your_client_secret")
                .with("scope", "email resources_stems_api offline_access");
    }

    static Form refresh(String refreshToken) {
        return new Form(Map.of())
                .with("grant_type", "refresh_token")
                .with("refresh_token", refreshToken)
                .with("client_id", "your_client_id")
                .with("client_secret", "your_client_secret");
    }

    static HttpRequest.Builder post(URI uri, String body) {
        return HttpRequest.newBuilder(uri).timeout(FIVE_SECONDS).POST(BodyPublishers.ofString(body));
    }

    static HttpRequest.Builder tokenRequest(StandInTokenServer server, String body) {
        return post(server.tokenUri(), body)
                .header("Accept", "application/json")
                .header("Content-Type", "application/x-www-form-urlencoded");
    }

    static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    static CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest.Builder request) {
        return HTTP.sendAsync(request.build(), BodyHandlers.ofString());
    }

    static HttpResponse<String> send(StandInTokenServer server, Form form) throws IOException, InterruptedException {
        return send(tokenRequest(server, form.encoded()));
    }

    /** Returns a member of the answer to a form that is granted. */
    static String granted(StandInTokenServer server, Form form, String member)
            throws IOException, InterruptedException {
        HttpResponse<String> response = send(server, form);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        Matcher matcher = Pattern.compile("\"" + member + "\":\"([^\"]*)\"").matcher(response.body());
        assertThat(matcher.find()).as(member).isTrue();
        return matcher.group(1);
    }

    static String accessToken(StandInTokenServer server) throws IOException, InterruptedException {
        return granted(server, login(), "access_token");
    }

    static String refreshToken(StandInTokenServer server) throws IOException, InterruptedException {
        return granted(server, login(), "refresh_token");
    }

    /** An immutable form. */
    record Form(Map<String, String> fields) {

        Form with(String name, String value) {
            Map<String, String> changed = new TreeMap<>(fields);
            changed.put(name, value);
            return new Form(changed);
        }

        Form without(String name) {
            Map<String, String> changed = new TreeMap<>(fields);
            changed.remove(name);
            return new Form(changed);
        }

        String encoded() {
            StringBuilder encoded = new StringBuilder();
            fields.forEach((name, value) -> encoded.append(encoded.isEmpty() ? "" : "&")
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, UTF_8)));
            return encoded.toString();
        }
    }
}
