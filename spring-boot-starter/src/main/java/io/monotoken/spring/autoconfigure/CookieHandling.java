package io.monotoken.spring.autoconfigure;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.util.ReflectionUtils;

/** Takes cookie handling out of HTTP settings, which have it since Spring Boot 4.1: 4.0 knows neither method nor type. */
final class CookieHandling implements RuntimeHintsRegistrar {

    private static final @Nullable Method SETTER = Arrays.stream(HttpClientSettings.class.getMethods())
            .filter(method -> method.getName().equals("withCookieHandling"))
            .findFirst()
            .orElse(null);

    /** {@return the settings without cookies, which Reactor Netty would refuse to keep} */
    static HttpClientSettings removedFrom(HttpClientSettings settings) {
        Object removed = SETTER == null ? null : ReflectionUtils.invokeMethod(SETTER, settings, (Object) null);
        return removed instanceof HttpClientSettings without ? without : settings;
    }

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        hints.reflection().registerType(HttpClientSettings.class, MemberCategory.INVOKE_PUBLIC_METHODS);
    }
}
