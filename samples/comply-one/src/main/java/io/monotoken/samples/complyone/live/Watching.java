package io.monotoken.samples.complyone.live;

import io.monotoken.spring.autoconfigure.TokenSourceBuilderCustomizer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Notifies the tally and siblings of what the token source does, and the tally of how requests to Comply One are answered. */
@Configuration(proxyBeanMethods = false)
class Watching {

    @Bean
    static TokenSourceBuilderCustomizer listening(Tally tally, Siblings siblings) {
        return (client, builder) -> builder.listener(tally).listener(siblings);
    }

    @Bean
    static WebClientCustomizer counting(Tally tally) {
        return builder -> builder.filter(tally);
    }
}
