package io.monotoken.samples.complyone.live;

import io.monotoken.spring.autoconfigure.TokenSourceBuilderCustomizer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Notifies the tally of what the token source does, and of how requests to Comply One are answered. */
@Configuration(proxyBeanMethods = false)
class Watching {

    @Bean
    static TokenSourceBuilderCustomizer listening(Tally tally) {
        return (client, builder) -> builder.listener(tally);
    }

    @Bean
    static WebClientCustomizer counting(Tally tally) {
        return builder -> builder.filter(tally);
    }
}
