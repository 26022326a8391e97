package io.monotoken;

import io.monotoken.FleetFixture.Instance;
import io.monotoken.ShakyConnection.HintFate;
import io.monotoken.StrictProvider.AccessToken;
import io.monotoken.StrictProvider.Request;
import io.monotoken.TestStore.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A fleet in injected time under faults that one seed draws: each instance has clocks, a timer and connections of its own, a
 * strict provider counts refresh tokens, and callers check what they get. What goes against a promise is in
 * {@link #violations()}, the first with the events before it.
 */
final class FleetSoak {

    /** How long a caller may wait: the flight, and the time for storing. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(16_500);

    /** As long in line behind another login of the same user: the instances of a test share the guard of one process. */
    private static final Duration LONGEST_IN_LINE = Duration.ofSeconds(15);

    /** A fault counts for what follows so soon: the longest flight, a lease, or the wait before a probe and a flight. */
    private static final Duration AFTERMATH = Duration.ofSeconds(30);

    /** By then a late write has taken effect, and a late hint has come. */
    private static final Duration LATEST = Duration.ofSeconds(31);

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration LONG_AGO = Duration.ofDays(-1);
    private static final int STORY = 80;
    private static final int MOST_VIOLATIONS = 10;

    private final FleetFixture fleet = new FleetFixture();
    private final TestTime time = fleet.time;
    private final Random random;
    private final boolean passwords;
    private final StrictProvider provider;
    private final FleetStorm storm;
    private final List<Member> members = new ArrayList<>();
    private final List<ProcessTimer> ended = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final ArrayDeque<String> story = new ArrayDeque<>();
    private final Map<String, Integer> requests = new HashMap<>();
    private Duration lastFault = LONG_AGO;
    private Duration lastLoss = LONG_AGO;
    private Duration lastLostLogin = LONG_AGO;
    private boolean undisturbed;
    private int waiting;
    private int served;
    private int mostTasks;

    /**
     * @param passwords whether they log in with a password, where the credential guard counts with them
     */
    FleetSoak(int size, long seed, boolean passwords) {
        this.random = new Random(seed);
        this.passwords = passwords;
        this.provider = new StrictProvider(fleet.tokenUri, time, random, new AtProvider());
        this.storm = new FleetStorm(this, random);
        fleet.random = random::nextDouble;
        provider.fate = storm::fateOf;
        provider.life = Duration.ofMinutes(8);
        if (!passwords) {
            provider.life = Duration.ofMinutes(3);
            fleet.grant = () -> Mono.just(TokenRequest.of("urn:example:assertion"));
            fleet.storeSettings = fleet.storeSettings.withSubject("ann");
        }
        for (int i = 0; i < size; i++) {
            members.add(new Member());
        }
    }

    /** One process, with clocks that differ by up to 30 seconds from the right time and run a little fast or slow. */
    final class Member implements ShakyConnection.Witness {

        final ShakyConnection connection;
        final Instance instance;
        /** The token that the last caller got. */
        @Nullable
        String got;

        ShakyConnection.@Nullable Fate cut;

        @Nullable
        HintFate hints;

        private final ProcessTimer process;
        private final Duration startedAt = time.elapsed();
        private long wallAhead;
        private Duration lastTouched = LONG_AGO;
        private Duration lastStopped = LONG_AGO;
        private boolean dead;

        private Member() {
            process = new ProcessTimer(time.timer, 1 + (random.nextDouble() - 0.5) / 5_000);
            connection = new ShakyConnection(fleet.store, time, process, random, this);
            connection.fate = operation -> storm.fateOf(operation, this);
            connection.hintFate = () -> storm.hintFateOf(this);
            setClock();
            Instant wall = TestStore.START.plus(startedAt);
            long started = process.nanos();
            instance = fleet.instance(
                    connection,
                    provider.lineOf(process),
                    new SourceClock(
                            process::nanos,
                            () -> wall.plusNanos(process.nanos() - started + wallAhead),
                            () -> process));
        }

        void setClock() {
            wallAhead = Duration.ofMillis(random.nextInt(60_001) - 30_000).toNanos();
        }

        void touch() {
            lastTouched = time.elapsed();
            lastFault = time.elapsed();
        }

        void stop() {
            lastStopped = time.elapsed();
            touch();
            process.stop();
        }

        void resume() {
            if (process.isStopped()) {
                lastStopped = time.elapsed();
                touch();
                process.resume();
            }
        }

        /** From now on nothing of what it does has an effect. */
        void die() {
            dead = true;
        }

        boolean isDead() {
            return dead;
        }

        private boolean isUndisturbed() {
            return !process.isStopped() && isLongAgo(lastTouched, AFTERMATH) && isLongAgo(lastLoss, AFTERMATH);
        }

        private void ask() {
            if (process.isStopped()) {
                return;
            }
            Duration since = time.elapsed();
            waiting++;
            instance.token()
                    .subscribe(
                            token -> {
                                answered(since);
                                check(token);
                            },
                            failure -> {
                                answered(since);
                                check(failure);
                            });
        }

        private void answered(Duration since) {
            waiting--;
            served++;
            Duration wait = time.elapsed().minus(since);
            if (wait.compareTo(longestWait()) > 0 && lastStopped.compareTo(since) < 0) {
                violation(this + " lets a caller wait for " + wait);
            }
        }

        private void check(Throwable failure) {
            if (!(failure instanceof TokenException) || undisturbed) {
                violation(this + " fails a caller: " + failure);
            }
        }

        private void check(Token token) {
            String value = token.value();
            if (!value.equals(got)) {
                tell(this + " has " + value);
            }
            got = value;
            AccessToken known = provider.accessToken(value);
            if (time.elapsed().compareTo(known.end()) >= 0) {
                violation(this + " gives a caller " + value + ", which has ended");
            }
            Duration rejectedAt = known.rejectedAt();
            if (rejectedAt != null) {
                if (isLongAgo(rejectedAt, LONG) && isLongAgo(lastFault, LONG) && !isLastPasswordSpent(known)) {
                    violation(this + " gives a caller " + value + ", rejected since " + rejectedAt);
                }
                process.schedule(() -> instance.source.invalidate(token), 20, TimeUnit.MILLISECONDS);
            }
        }

        @Override
        public void befell(Operation operation, ShakyConnection.Fate fate) {
            if (!dead) {
                touch();
                String what = operation.kind() == null ? "read" : "write";
                storm.count(what + " " + fate);
                tell(this + " " + what + " " + (operation.kind() == null ? "" : operation.kind() + " ") + fate);
            }
        }

        @Override
        public void tookEffectLate(Operation operation) {
            touch();
            storm.count("write LATE done");
            tell(this + " write " + operation.kind() + " is done late");
        }

        @Override
        public void befellHint(HintFate fate) {
            if (!dead) {
                lastFault = time.elapsed();
                storm.count("hint " + fate);
            }
        }

        @Override
        public String toString() {
            return instance.name;
        }
    }

    /** Ends a process, or kills it, and starts another one in its place. */
    void replace(Member member, boolean killed) {
        if (members.contains(member)) {
            member.dead |= killed;
            members.set(members.indexOf(member), new Member());
            ended.add(member.process);
            member.resume();
            member.instance.source.close();
            fleet.forgetLocalGuard();
        }
    }

    /** What the provider sees. */
    private final class AtProvider implements StrictProvider.Witness {

        @Override
        public void sending(Request request, List<Request> others) {
            Member sender = sender(request);
            requests.merge(kind(request), 1, Integer::sum);
            tell(sender + " sends " + (request.isRefresh() ? request.fields().first("refresh_token") : "a login"));
            for (Request other : others) {
                Member another = sender(other);
                if (sender != null && another != null && sender.isUndisturbed() && another.isUndisturbed()) {
                    violation(sender + " sends a " + kind(request) + " during a " + kind(other) + " of " + another);
                }
            }
            if (!provider.presentedTwice().isEmpty()) {
                violation("presented twice: " + provider.presentedTwice());
            }
        }

        @Override
        public void befell(Request request, StrictProvider.Fate fate) {
            lastFault = time.elapsed();
            storm.count(kind(request) + " " + fate);
            tell(kind(request) + " " + fate);
            lost(request);
        }

        @Override
        public void tookEffect(Request request) {
            Member sender = sender(request);
            if (sender != null && storm.strikesSender(sender)) {
                lost(request);
            }
        }

        private void lost(Request request) {
            if (!request.isRefresh()) {
                lastLostLogin = time.elapsed();
            }
        }

        private String kind(Request request) {
            return request.isRefresh() ? "refresh" : "login";
        }

        private @Nullable Member sender(Request request) {
            return members.stream()
                    .filter(member -> member.process == request.process())
                    .findFirst()
                    .orElse(null);
        }
    }

    /** One password is all that a usable token allows; a lost one is followed by another when the token has ended. */
    private boolean isLastPasswordSpent(AccessToken token) {
        return passwords && lastLostLogin.compareTo(token.issuedAt()) > 0;
    }

    private boolean isLongAgo(Duration instant, Duration howLong) {
        return time.elapsed().minus(instant).compareTo(howLong) > 0;
    }

    private Duration longestWait() {
        return passwords ? LONGEST_WAIT.plus(LONGEST_IN_LINE) : LONGEST_WAIT;
    }

    /** A storm, and what must be true after it, for so many lifetimes. */
    void weather(Duration stormy, int lifetimes) {
        storm.begin();
        run(stormy);
        storm.end();
        tell("the storm is over");
        run(LATEST);
        run(provider.life.multipliedBy(2));
        converge("two lifetimes after the last fault");
        goOn(lifetimes, 0);
        reject();
    }

    /** Goes on without a fault: one refresh a lifetime, no failure. */
    void goOn(int lifetimes, int logins) {
        undisturbed = true;
        int loginsBefore = requests("login");
        int refreshesBefore = requests("refresh");
        run(provider.life.multipliedBy(lifetimes));
        int moreLogins = requests("login") - loginsBefore;
        if (moreLogins != logins) {
            violation(moreLogins + " logins in " + lifetimes + " lifetimes without a fault");
        }
        int refreshes = requests("refresh") - refreshesBefore;
        if (refreshes < lifetimes / 0.8 - 1 || refreshes > lifetimes / 0.7 + 1) { // 70 % to 80 % of a life
            violation(refreshes + " refreshes in " + lifetimes + " lifetimes without a fault");
        }
        converge("without a fault");
        undisturbed = false;
    }

    /** An API rejects the token that all have. */
    private void reject() {
        undisturbed = true;
        String rejected = Objects.requireNonNull(members.get(0).got);
        int before = requests("refresh") + requests("login");
        provider.reject(rejected);
        run(Duration.ofSeconds(20));
        askAll();
        int sent = requests("refresh") + requests("login") - before;
        if (sent > 2) { // one, and one if it was due
            violation("a rejected token costs " + sent + " requests");
        }
        members.stream()
                .filter(member -> rejected.equals(member.got))
                .forEach(member -> violation(member + " still has the rejected token"));
        undisturbed = false;
    }

    private void run(Duration length) {
        Duration end = time.elapsed().plus(length);
        while (time.elapsed().compareTo(end) < 0) {
            time.advanceMillis(1 + random.nextInt(random.nextInt(3) == 0 ? 50 : 4_000));
            for (Member member : List.copyOf(members)) {
                if (random.nextBoolean()) {
                    member.ask();
                }
                mostTasks = Math.max(mostTasks, member.process.waiting());
            }
            storm.perhaps();
        }
    }

    private void askAll() {
        members.forEach(Member::ask);
        time.advance(Duration.ofSeconds(1));
    }

    /** A renewal may be under way, and those that have a good token take the next one over a little later. */
    private void converge(String when) {
        Duration end = time.elapsed().plusSeconds(20);
        do {
            askAll();
        } while (tokens().size() > 1 && time.elapsed().compareTo(end) < 0);
        if (tokens().size() > 1) {
            violation("they have " + tokens() + " " + when);
        }
    }

    private List<String> tokens() {
        return members.stream()
                .map(member -> String.valueOf(member.got))
                .distinct()
                .toList();
    }

    /** Sees that nothing is left behind: no caller, no write, no task. */
    void finish() {
        time.advance(longestWait().plus(LATEST));
        if (waiting > 0) {
            violation(waiting + " callers wait for ever");
        }
        int left = ended.stream().mapToInt(ProcessTimer::waiting).sum();
        if (left > 0) {
            violation("instances that ended left " + left + " tasks");
        }
        for (Member member : members) {
            if (member.process.waiting() > 1) { // the one that forgets the token at its end
                violation(member + " has " + member.process.waiting() + " tasks");
            }
            for (String key : fleet.store.values().keySet()) {
                int before = fleet.store.commands();
                member.instance.fleet.settled(key).subscribe();
                time.advanceMillis(10);
                if (fleet.store.commands() > before) {
                    violation(member + " has a write that is not settled");
                }
            }
        }
    }

    void recordsLost() {
        lastLoss = time.elapsed();
        lastFault = time.elapsed();
        tell("the store has lost something");
    }

    void tell(String what) {
        story.add(time.elapsed() + " " + what);
        if (story.size() > STORY) {
            story.remove();
        }
    }

    private void violation(String what) {
        if (violations.size() < MOST_VIOLATIONS) {
            String before = violations.isEmpty() ? ", after\n    " + String.join("\n    ", story) : "";
            violations.add(time.elapsed() + " " + what + before);
        }
    }

    /** {@return what went against a promise, the first dozen or so} */
    List<String> violations() {
        return violations;
    }

    List<String> presentedTwice() {
        return provider.presentedTwice();
    }

    int requests(String kind) {
        return requests.getOrDefault(kind, 0);
    }

    int served() {
        return served;
    }

    /** {@return the most tasks that waited in the timer of one instance at a time} */
    int mostTasks() {
        return mostTasks;
    }

    /** {@return how often each kind of fault happened} */
    Map<String, Integer> faults() {
        return storm.happened();
    }

    Duration now() {
        return time.elapsed();
    }

    TestTime time() {
        return time;
    }

    TestStore store() {
        return fleet.store;
    }

    StrictProvider provider() {
        return provider;
    }

    List<Member> members() {
        return members;
    }
}
