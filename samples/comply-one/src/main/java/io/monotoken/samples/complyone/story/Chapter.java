package io.monotoken.samples.complyone.story;

import reactor.core.publisher.Flux;

/** A part of the story. */
interface Chapter {

    /** {@return lines for the console, while what they tell happens; nothing happens before subscription} */
    Flux<String> tell();
}
