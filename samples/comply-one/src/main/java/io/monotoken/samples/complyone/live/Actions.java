package io.monotoken.samples.complyone.live;

import io.monotoken.TokenSource;
import io.monotoken.samples.complyone.Answers;
import io.monotoken.samples.complyone.CalledService;
import io.monotoken.samples.complyone.Callers;
import io.monotoken.samples.complyone.Closing;
import io.monotoken.samples.complyone.StandIns;
import io.monotoken.samples.complyone.live.Happening.Kind;
import io.monotoken.samples.complyone.story.Story;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** What can be done on the live page: much where the provider is ours, little where it is not. */
@Component
final class Actions {

    private static final int CROWD = 1_000;
    private static final int FEW = 10;

    private final List<Action> all;
    private final Story story;

    Actions(
            Callers callers,
            CalledService called,
            TokenSource tokens,
            Tally tally,
            Story story,
            ObjectProvider<StandIns> played,
            ObjectProvider<Killing> killing,
            Closing closing,
            @Value("${sample.outage}") Duration outage) {
        StandIns standIns = played.getIfAvailable();
        this.story = story;
        this.all = Stream.concat(
                        Stream.of(requests(called.isReal() ? FEW : CROWD, callers, tally, closing)),
                        Stream.concat(
                                standIns == null
                                        ? Stream.of()
                                        : new Mischief(standIns, tokens, tally, outage, closing).actions().stream(),
                                killing.stream().flatMap(ways -> ways.actions().stream())))
                .toList();
    }

    List<Action> all() {
        return all;
    }

    Optional<Action> named(String name) {
        return all.stream()
                .filter(action -> action.button().name().equals(name))
                .findFirst();
    }

    /** {@return by the names of actions that cannot be started now, why} */
    Map<String, String> obstacles() {
        Map<String, String> obstacles = new TreeMap<>();
        for (Action action : all) {
            String obstacle = story.isTold() ? action.obstacle() : "after the story";
            if (obstacle != null) {
                obstacles.put(action.button().name(), obstacle);
            }
        }
        return obstacles;
    }

    private static Action requests(int number, Callers callers, Tally tally, Closing closing) {
        return new Action(
                new Action.Button(
                        "requests",
                        "Send " + Answers.grouped(number) + " requests at once",
                        "However many there are, they share one token."),
                () -> null,
                () -> callers.atOnce(number)
                        .doOnNext(answers -> tally.tell(
                                Kind.DEED,
                                "Requests sent at once: " + answers + ", the slowest took " + answers.slowest()
                                        + " ms"))
                        .then(),
                closing);
    }
}
