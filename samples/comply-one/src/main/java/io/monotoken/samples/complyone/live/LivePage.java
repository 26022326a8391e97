package io.monotoken.samples.complyone.live;

import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Flux;

/** What the page at {@code /} is drawn from, and what its buttons call. */
@RestController
final class LivePage {

    private final Moments moments;
    private final Actions actions;

    LivePage(Moments moments, Actions actions) {
        this.moments = moments;
        this.actions = actions;
    }

    @GetMapping(path = "/live/moments", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<Moment> moments() {
        return moments.all();
    }

    @GetMapping("/live/actions")
    List<Action.Button> actions() {
        return actions.all().stream().map(Action::button).toList();
    }

    /** Takes JSON only: no other site can make a browser send that. */
    @PostMapping(path = "/live/actions/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.ACCEPTED)
    void act(@PathVariable String name) {
        Action action = actions.named(name).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        String obstacle = actions.obstacles().get(name);
        if (obstacle != null || !action.start()) {
            throw new ResponseStatusException(HttpStatus.CONFLICT, obstacle);
        }
    }
}
