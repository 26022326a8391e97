package io.monotoken.samples.complyone.live;

import io.monotoken.TokenSource;
import io.monotoken.samples.complyone.Closing;
import io.monotoken.samples.complyone.StandIns;
import io.monotoken.samples.complyone.live.Happening.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a provider does to its clients, on demand; each piece tells what became of it, counted and not assumed. */
final class Mischief {

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration AFTERMATH = Duration.ofMillis(500); // for requests that have not been answered yet
    private static final Duration CALM =
            Duration.ofSeconds(2); // time of an outage before the renewal that falls into it
    private static final Duration BETWEEN_REJECTIONS = Duration.ofSeconds(11); // a second more than Monotoken waits

    private final StandIns standIns;
    private final TokenSource tokens;
    private final Tally tally;
    private final Duration outage;
    private final Closing closing;

    Mischief(StandIns standIns, TokenSource tokens, Tally tally, Duration outage, Closing closing) {
        this.standIns = standIns;
        this.tokens = tokens;
        this.tally = tally;
        this.outage = outage;
        this.closing = closing;
    }

    List<Action> actions() {
        return List.of(
                action(
                        "revoke",
                        "Revoke the token",
                        "Comply One answers 401: one renewal, and the rejected requests are sent once more.",
                        this::tokenMissing,
                        this::revoke),
                action(
                        "stop",
                        "Stop the endpoint for " + outage.toSeconds() + " s",
                        "Token requests are answered 503, from shortly before the next renewal is due. While the token"
                                + " is usable, nobody notices.",
                        this::tokenMissing,
                        this::stop),
                action(
                        "lose",
                        "Lose the next refresh answer",
                        "The refresh token may be spent and is not presented again: the next token needs a login.",
                        this::tokenMissing,
                        this::lose),
                action(
                        "change-password",
                        "Change the password",
                        "It ends all tokens, too. The old password is sent once now, and next a minute later, so that"
                                + " somebody can put it right before the account is locked.",
                        this::tokenMissing,
                        this::changePassword),
                action(
                        "put-right",
                        "Put the password right",
                        "The old one is valid again, and an operator resets the guard.",
                        () -> standIns.isPasswordChanged() ? null : "nothing is wrong",
                        this::putRight));
    }

    private Action action(
            String name, String label, String effect, Supplier<@Nullable String> obstacle, Supplier<Mono<Void>> deed) {
        return new Action(new Action.Button(name, label, effect), obstacle, deed, closing);
    }

    private @Nullable String tokenMissing() {
        return tokens.state().expiresAt() == null ? "no token now" : null;
    }

    private Mono<Void> revoke() {
        return rejecting("The token will be revoked", () -> {
            Counts before = tally.counts();
            long rejectedBefore = standIns.complyOne().rejected();
            tally.tell(Kind.DEED, "Stems Accounts revoked the access token");
            standIns.stemsAccounts().revokeAccessTokens();
            return until(() -> since(before).tokenRequests() > 0)
                    .doOnSuccess(done -> tally.tell(
                            Kind.NOTE,
                            "Requests that Comply One answered 401: "
                                    + (standIns.complyOne().rejected() - rejectedBefore) + ". "
                                    + noticed(since(before))));
        });
    }

    private Mono<Void> stop() {
        return after(untilDue().minus(CALM), "The endpoint will stop", "so that a renewal falls into it", () -> {
            Counts before = tally.counts();
            tally.tell(Kind.DEED, "The token endpoint answers 503 for " + outage.toSeconds() + " s");
            standIns.stop();
            return Mono.delay(outage)
                    .doFinally(end -> standIns.answerAgain())
                    .doOnSuccess(done -> tally.tell(
                            Kind.NOTE,
                            "The token endpoint is back. It refused "
                                    + since(before).refused() + " token requests meanwhile. " + noticed(since(before))))
                    .then();
        });
    }

    private Mono<Void> lose() {
        Counts before = tally.counts();
        tally.tell(
                Kind.DEED,
                "The next answer to a token request will get lost; a renewal is due in "
                        + untilDue().toSeconds() + " s");
        standIns.stemsAccounts().loseNextAnswer();
        return until(() -> since(before).logins() > 0)
                .doOnSuccess(done -> tally.tell(
                        Kind.NOTE,
                        "Refresh tokens that were presented twice: "
                                + standIns.stemsAccounts().refreshTokensPresentedTwice() + ". "
                                + noticed(since(before))));
    }

    private Mono<Void> changePassword() {
        return rejecting("The password will be changed", () -> {
            long wrongBefore = standIns.stemsAccounts().wrongPasswords();
            tally.tell(Kind.DEED, "The password was changed, and with it all tokens ended");
            standIns.changePassword();
            return until(() -> standIns.stemsAccounts().wrongPasswords() > wrongBefore)
                    .doOnSuccess(done -> tally.tell(
                            Kind.NOTE,
                            "Wrong passwords that Stems Accounts saw: "
                                    + (standIns.stemsAccounts().wrongPasswords() - wrongBefore) + ". The account is "
                                    + (standIns.isLockedOut() ? "locked" : "not locked")));
        });
    }

    private Mono<Void> putRight() {
        tally.tell(Kind.DEED, "The old password is valid again, and an operator reset the guard");
        standIns.restorePassword();
        tokens.reset();
        return Mono.empty();
    }

    /** Waits until the source renews a rejected token again; before that, callers would see the 401. */
    private Mono<Void> rejecting(String what, Supplier<Mono<Void>> deed) {
        Duration since = Duration.between(tally.lastRejection(), Instant.now());
        return after(
                BETWEEN_REJECTIONS.minus(since), what, "since a rejected token is renewed once in ten seconds", deed);
    }

    private Mono<Void> after(Duration wait, String what, String why, Supplier<Mono<Void>> deed) {
        if (wait.isNegative() || wait.isZero()) {
            return deed.get();
        }
        tally.tell(Kind.NOTE, what + " in " + wait.toSeconds() + " s, " + why);
        return Mono.delay(wait).then(Mono.defer(deed));
    }

    private Counts since(Counts before) {
        return tally.counts().since(before);
    }

    /** Completes soon after the condition is true, or once a renewal was due and it still is not. */
    private Mono<Void> until(BooleanSupplier reached) {
        return Flux.interval(Duration.ofMillis(100))
                .takeUntil(tick -> reached.getAsBoolean())
                .take(standIns.tokenLife().plus(PATIENCE))
                .then(Mono.delay(AFTERMATH))
                .then();
    }

    private static String noticed(Counts since) {
        return "Callers who failed: " + since.failed() + ", who waited: " + since.waited();
    }

    private Duration untilDue() {
        Instant due = tokens.state().renewFrom();
        Duration left = due == null ? Duration.ZERO : Duration.between(Instant.now(), due);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
