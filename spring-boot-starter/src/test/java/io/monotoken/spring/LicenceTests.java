package io.monotoken.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenSource;
import io.monotoken.micrometer.TokenSourceMetrics;
import io.monotoken.spring.autoconfigure.MonotokenClients;
import io.monotoken.testing.StandInApi;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.UrlResource;

/** Whoever has one jar only has its licence, too. */
class LicenceTests {

    @ParameterizedTest
    @ValueSource(classes = {TokenSource.class, TokenSourceMetrics.class, MonotokenClients.class, StandInApi.class})
    void isInEachJar(Class<?> ofTheJar) throws IOException, URISyntaxException {
        for (String file : new String[] {"LICENSE", "NOTICE"}) {
            assertThat(beside(ofTheJar, "META-INF/" + file)).isEqualTo(Markdown.read(file));
        }
    }

    /** {@return what the jar of a class, or the directory that becomes one, has at a path} */
    private static String beside(Class<?> ofTheJar, String path) throws IOException, URISyntaxException {
        URL place = ofTheJar.getProtectionDomain().getCodeSource().getLocation();
        String root = place.getPath().endsWith(".jar") ? "jar:" + place + "!/" : place.toString();
        return new UrlResource(root + path).getContentAsString(StandardCharsets.UTF_8);
    }
}
