package io.monotoken.spring.orders;

import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

@TestConfiguration(proxyBeanMethods = false)
class StandIns {

    @Bean
    StandInTokenServer tokenServer() {
        return StandInTokenServer.start();
    }

    @Bean
    StandInApi api(StandInTokenServer tokenServer) {
        return StandInApi.start(tokenServer).answer("/orders", "[{\"id\":1}]");
    }
}
