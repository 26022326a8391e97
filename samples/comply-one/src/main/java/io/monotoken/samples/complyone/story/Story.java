package io.monotoken.samples.complyone.story;

import io.monotoken.TokenSource;
import io.monotoken.samples.complyone.Callers;
import io.monotoken.samples.complyone.Closing;
import io.monotoken.samples.complyone.StandIns;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Tells on the console, once the application has started, what its token does. */
@Component
public final class Story implements ApplicationRunner {

    private final Chapter chapter;
    private final Environment environment;
    private final Closing closing;
    private volatile boolean told;

    Story(
            Callers callers,
            TokenSource tokens,
            ObjectProvider<StandIns> played,
            Environment environment,
            Closing closing) {
        StandIns standIns = played.getIfAvailable();
        this.chapter = standIns == null
                ? new WithAnAccount(
                        callers, tokens, environment.getRequiredProperty("monotoken.clients.comply-one.base-url"))
                : new WithStandIns(callers, tokens, standIns);
        this.environment = environment;
        this.closing = closing;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        Flux<String> story = environment.getRequiredProperty("sample.story", Boolean.class)
                ? Flux.concat(Mono.just("Watch it live at " + address() + "\n"), chapter.tell())
                : Flux.empty();
        story.concatWith(Mono.fromSupplier(this::whatIsServed))
                .takeUntilOther(closing.begun())
                .doOnNext(System.out::println)
                .blockLast();
        told = true;
    }

    /** {@return whether it has been told, or left out} */
    public boolean isTold() {
        return told;
    }

    private String whatIsServed() {
        return "Serving " + address() + " - the live page, GET /employees, GET /token (Ctrl-C ends it)";
    }

    private String address() {
        return "http://localhost:" + environment.getRequiredProperty("local.server.port");
    }
}
