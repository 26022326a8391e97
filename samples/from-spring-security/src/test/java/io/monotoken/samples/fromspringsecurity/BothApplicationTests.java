package io.monotoken.samples.fromspringsecurity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.reactive.function.client.WebClient;

/** Both side by side, and what the starter says of the left-over registration. */
@ExtendWith(OutputCaptureExtension.class)
class BothApplicationTests {

    private final StandInTokenServer provider =
            StandInTokenServer.stemsAccounts().start();
    private final StandInApi api = StandInApi.complyOne(provider).start();

    @AfterEach
    void stop() {
        api.close();
        provider.close();
    }

    @Test
    void oneSendsNoTokenAndTheOtherDoes(CapturedOutput output) {
        try (ConfigurableApplicationContext context = BothApplication.start(provider, api)) {
            WebClient former = context.getBean("formerWebClient", WebClient.class);
            WebClient ours = context.getBean("complyOneWebClient", WebClient.class);
            long before = provider.tokenRequests();

            assertThat(BothApplication.status(former)).isEqualTo("401 UNAUTHORIZED");
            assertThat(provider.tokenRequests())
                    .as("token requests of Spring Security")
                    .isEqualTo(before);
            assertThat(BothApplication.status(ours)).isEqualTo("200 OK");
        }

        assertThat(provider.passwordRequests()).isOne();
        assertThat(output)
                .contains("Spring Security 7 with the left-over registration: 401 UNAUTHORIZED")
                .contains("Monotoken: 200 OK")
                .contains(
                        "spring.security.oauth2.client.registration.comply-one has the grant type password, which Spring"
                                + " Security 7 does not know; it does nothing and may be removed");
    }

    @Test
    void doesNotStartWhereRequestsWouldGoOutWithoutAToken(CapturedOutput output) {
        Throwable failure = catchThrowable(
                () -> BothApplication.start(provider, api, "--monotoken.clients.comply-one.enabled=false")
                        .close());

        assertThat(failure).isNotNull();
        assertThat(output)
                .contains(
                        "spring.security.oauth2.client.registration.comply-one has the grant type password, which Spring"
                                + " Security 7 does not know: it starts without complaint and then sends requests without a token")
                .contains("""
                        monotoken:
                          clients:
                            comply-one:
                              token-uri: %s
                              grant: password
                              client-id: your_client_id
                              client-secret: ${COMPLY_ONE_CLIENT_SECRET}
                              client-authentication: client_secret_post
                              username: ${COMPLY_ONE_USERNAME} # which the request or the contextAttributesMapper had
                              password: ${COMPLY_ONE_PASSWORD}
                              scopes: [email, resources_stems_api]
                              base-url: https://api.example.com # of the API: only its origin gets the token
                        """.formatted(provider.tokenUri()))
                .doesNotContain("your_client_secret");
    }
}
