package io.monotoken.spring.autoconfigure;

import java.net.URI;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.util.DefaultUriBuilderFactory;
import org.springframework.web.util.UriBuilder;
import org.springframework.web.util.UriBuilderFactory;

/**
 * Builds addresses below a base URL that is encoded already. Spring takes a base URL for a template and encodes its percent
 * signs a second time, so here they pass its encoding as a word that no caller can know.
 */
final class EncodedBaseUrl implements UriBuilderFactory {

    private final String percent = "percent" + UUID.randomUUID().toString().replace("-", "");
    private final UriBuilderFactory templates;

    private EncodedBaseUrl(URI baseUrl) {
        this.templates = new DefaultUriBuilderFactory(baseUrl.toString().replace("%", percent));
    }

    /** Sets a base URL that is encoded already. */
    static void set(WebClient.Builder builder, URI baseUrl) {
        if (baseUrl.toString().contains("%")) {
            builder.uriBuilderFactory(new EncodedBaseUrl(baseUrl));
        } else {
            builder.baseUrl(baseUrl.toString());
        }
    }

    private String withPercentSigns(String text) {
        return text.replace(percent, "%");
    }

    @Override
    public URI expand(String template, Map<String, ? extends @Nullable Object> variables) {
        return uriString(template).build(variables);
    }

    @Override
    public URI expand(String template, @Nullable Object... variables) {
        return uriString(template).build(variables);
    }

    @Override
    public UriBuilder uriString(String template) {
        return new Building(templates.uriString(template));
    }

    @Override
    public UriBuilder builder() {
        return new Building(templates.builder());
    }

    /** Spring's builder, with the percent signs put back into what it builds. */
    private final class Building implements UriBuilder {

        private final UriBuilder builder;

        private Building(UriBuilder builder) {
            this.builder = builder;
        }

        @Override
        public URI build(@Nullable Object... variables) {
            return URI.create(withPercentSigns(builder.build(variables).toString()));
        }

        @Override
        public URI build(Map<String, ? extends @Nullable Object> variables) {
            return URI.create(withPercentSigns(builder.build(variables).toString()));
        }

        @Override
        public String toUriString() {
            return withPercentSigns(builder.toUriString());
        }

        @Override
        public UriBuilder scheme(@Nullable String scheme) {
            builder.scheme(scheme);
            return this;
        }

        @Override
        public UriBuilder userInfo(@Nullable String userInfo) {
            builder.userInfo(userInfo);
            return this;
        }

        @Override
        public UriBuilder host(@Nullable String host) {
            builder.host(host);
            return this;
        }

        @Override
        public UriBuilder port(int port) {
            builder.port(port);
            return this;
        }

        @Override
        public UriBuilder port(@Nullable String port) {
            builder.port(port);
            return this;
        }

        @Override
        public UriBuilder path(String path) {
            builder.path(path);
            return this;
        }

        @Override
        public UriBuilder replacePath(@Nullable String path) {
            builder.replacePath(path);
            return this;
        }

        @Override
        public UriBuilder pathSegment(String... segments) {
            builder.pathSegment(segments);
            return this;
        }

        @Override
        public UriBuilder query(String query) {
            builder.query(query);
            return this;
        }

        @Override
        public UriBuilder replaceQuery(@Nullable String query) {
            builder.replaceQuery(query);
            return this;
        }

        @Override
        public UriBuilder queryParam(String name, @Nullable Object... values) {
            builder.queryParam(name, values);
            return this;
        }

        @Override
        public UriBuilder queryParam(String name, @Nullable Collection<?> values) {
            builder.queryParam(name, values);
            return this;
        }

        @Override
        public UriBuilder queryParamIfPresent(String name, Optional<?> value) {
            builder.queryParamIfPresent(name, value);
            return this;
        }

        @Override
        public UriBuilder queryParams(MultiValueMap<String, String> params) {
            builder.queryParams(params);
            return this;
        }

        @Override
        public UriBuilder replaceQueryParam(String name, @Nullable Object... values) {
            builder.replaceQueryParam(name, values);
            return this;
        }

        @Override
        public UriBuilder replaceQueryParam(String name, @Nullable Collection<?> values) {
            builder.replaceQueryParam(name, values);
            return this;
        }

        @Override
        public UriBuilder replaceQueryParams(MultiValueMap<String, String> params) {
            builder.replaceQueryParams(params);
            return this;
        }

        @Override
        public UriBuilder fragment(@Nullable String fragment) {
            builder.fragment(fragment);
            return this;
        }
    }
}
