package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.when;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.spring.client.BearerTokenFilter;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** Beans of the application in place of a client's, whose secrets nothing defines. */
class ReplacedBeansTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    private static ApplicationContextRunner withoutSecrets() {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(
                        "monotoken.clients.comply-one.provider=stems-accounts",
                        "monotoken.clients.comply-one.client-secret=${COMPLY_ONE_CLIENT_SECRET}",
                        "monotoken.clients.comply-one.base-url=https://api.example.com",
                        "monotoken.clients.comply-one.eager=true");
    }

    @Nested
    class OfTheApplication {

        @Test
        void mayBeAWebClient() {
            withoutSecrets().withUserConfiguration(OwnWebClient.class).run(context -> {
                assertThat(context).hasNotFailed();
                assertThat(context.getBean(WebClient.class)).isSameAs(context.getBean("ownWebClient"));
            });
        }

        @Test
        void mayBeAFilter() {
            withoutSecrets().withUserConfiguration(OwnFilter.class).run(context -> {
                assertThat(context).hasNotFailed();
                assertThat(context.getBean(BearerTokenFilter.class)).isSameAs(context.getBean("ownFilter"));
            });
        }

        @Test
        void mayBeATokenSource() {
            withoutSecrets()
                    .withBean("ownTokenSource", TokenSource.class, () -> TokenSource.fixed("a-token"))
                    .run(context -> assertThat(context).hasNotFailed());
        }

        @Test
        void leaveWhatIsBehindThemToThoseWhoAskForItByName() {
            withoutSecrets()
                    .withUserConfiguration(OwnWebClient.class)
                    .run(context -> assertThat(catchThrowable(() -> context.getBean("complyOneWebClient")))
                            .rootCause()
                            .hasMessageContaining("monotoken.clients.comply-one.client-id is missing"));
        }

        @Test
        void replaceNothingWhereThereAreTwoClients() {
            withoutSecrets()
                    .withPropertyValues("monotoken.clients.other.provider=stems-accounts")
                    .withUserConfiguration(OwnWebClient.class)
                    .run(context -> assertThat(context).hasFailed());
        }
    }

    @Test
    void areMissedWhereNothingIsReplaced() {
        withoutSecrets()
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("monotoken.clients.comply-one.client-id is missing"));
    }

    @SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE)
    @TestPropertySource(
            properties = {
                "monotoken.clients.comply-one.provider=stems-accounts",
                "monotoken.clients.comply-one.client-secret=${COMPLY_ONE_CLIENT_SECRET}",
                "monotoken.clients.comply-one.base-url=https://api.example.com",
                "monotoken.clients.comply-one.eager=true"
            })
    @Retention(RetentionPolicy.RUNTIME)
    private @interface WithoutSecrets {}

    @Nested
    @WithoutSecrets
    class AMockedWebClient {

        @MockitoBean
        private @Nullable WebClient mock;

        @Autowired
        private @Nullable MonotokenClients clients;

        @Test
        void needsNoSecrets() {
            assertThat(Objects.requireNonNull(clients).webClient("comply-one")).isSameAs(mock);
        }
    }

    @Nested
    @WithoutSecrets
    class AMockedFilter {

        @MockitoBean
        private @Nullable BearerTokenFilter mock;

        @Autowired
        private @Nullable WebClient client;

        @Test
        void needsNoSecretsAndAnswersRequests() {
            when(Objects.requireNonNull(mock).filter(any(), any()))
                    .thenReturn(Mono.just(
                            ClientResponse.create(HttpStatus.OK).body("mocked").build()));

            assertThat(Objects.requireNonNull(client)
                            .get()
                            .uri("/me")
                            .retrieve()
                            .bodyToMono(String.class)
                            .block(FIVE_SECONDS))
                    .isEqualTo("mocked");
        }
    }

    @Nested
    @WithoutSecrets
    class AMockedTokenSource {

        @MockitoBean
        private @Nullable TokenSource mock;

        @Autowired
        private @Nullable MonotokenClients clients;

        @Test
        void needsNoSecretsAndGivesTokens() {
            when(Objects.requireNonNull(mock).token())
                    .thenReturn(TokenSource.fixed("mocked").token());

            Mono<Token> token =
                    Objects.requireNonNull(clients).tokenSource("comply-one").token();

            assertThat(token.map(Token::value).block(FIVE_SECONDS)).isEqualTo("mocked");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnWebClient {

        @Bean
        WebClient ownWebClient() {
            return WebClient.create();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnFilter {

        @Bean
        BearerTokenFilter ownFilter() {
            return BearerTokenFilter.builder("own", TokenSource.fixed("a-token"))
                    .build();
        }
    }
}
