package io.monotoken.samples.complyone;

import java.time.Duration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** Where there is no account, starts the stand-ins and points the client at them, before any bean is made. */
final class StandInsWithoutAccount implements ApplicationContextInitializer<GenericApplicationContext> {

    @Override
    public void initialize(GenericApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        if (Account.isGiven(environment)) {
            return;
        }
        StandIns standIns = StandIns.start(environment.getRequiredProperty("sample.token-life", Duration.class));
        environment.getPropertySources().addFirst(new MapPropertySource("standIns", standIns.properties()));
        context.registerBean(StandIns.class, () -> standIns);
    }
}
