package io.monotoken.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.spring.actuate.MonotokenActuatorAutoConfiguration;
import io.monotoken.spring.autoconfigure.MonotokenAutoConfiguration;
import io.monotoken.spring.autoconfigure.MonotokenProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;

/** What an editor learns from the jar. */
class MetadataTests {

    private static String read(String file) throws IOException {
        return new ClassPathResource("META-INF/" + file).getContentAsString(StandardCharsets.UTF_8);
    }

    @Test
    void describesThePropertiesWithAHint() throws IOException {
        assertThat(read("spring-configuration-metadata.json"))
                .contains("\"name\": \"monotoken.clients\"")
                .contains(
                        "java.util.Map<java.lang.String,io.monotoken.spring.autoconfigure.MonotokenProperties$Client>")
                .contains("\"name\": \"monotoken.clients.keys\"", "\"value\": \"comply-one\"")
                .contains("\"name\": \"management.endpoint.monotoken.access\"")
                .contains("\"name\": \"management.health.monotoken.enabled\"");
    }

    @Test
    void describesThePropertiesOfAClientWithHints() throws IOException {
        assertThat(read("spring/configuration-metadata/" + MonotokenProperties.Client.class.getName() + ".json"))
                .contains("\"name\": \"assertion.algorithm\"", "\"value\": \"EdDSA\"", "\"name\": \"api.ssl.bundle\"");
    }

    @Test
    void namesTheAutoConfiguration() throws IOException {
        assertThat(read("spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports"))
                .hasLineCount(2)
                .contains(MonotokenAutoConfiguration.class.getName())
                .contains(MonotokenActuatorAutoConfiguration.class.getName());
        assertThat(read("spring-autoconfigure-metadata.properties"))
                .contains(MonotokenAutoConfiguration.class.getName() + ".ConditionalOnClass=");
    }
}
