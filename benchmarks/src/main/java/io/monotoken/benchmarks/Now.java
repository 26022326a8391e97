package io.monotoken.benchmarks;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.Disposable;

/** What sources hand out to callers who do not wait. */
final class Now {

    /** Stands for no token. */
    static final Token NONE = Token.of("none", List.of(), Instant.EPOCH, Instant.EPOCH.plusSeconds(1));

    private Now() {}

    static Set<Token> of(List<TokenSource> sources) {
        Set<Token> tokens = new HashSet<>();
        for (TokenSource source : sources) {
            AtomicReference<Token> got = new AtomicReference<>(NONE);
            Disposable caller = source.token().subscribe(got::set, failure -> {});
            tokens.add(got.get());
            caller.dispose();
        }
        return tokens;
    }
}
