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
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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

    /** As long in line behind another login of the same user, since all instances of a test share a process's guard. */
    private static final Duration LONGEST_IN_LINE = Duration.ofSeconds(15);

    /** A fault takes part in what follows for so long: the longest flight, a lease, or the wait before a probe and a flight. */
    private static final Duration AFTERMATH = Duration.ofSeconds(30);

    /** The longest that an instance of whatever fault takes until its effect: a late write, a late hint. */
    private static final Duration LATEST = Duration.ofSeconds(31);

    private static final Duration LONG_REJECTED = Duration.ofSeconds(60);
    private static final int STORY = 80;
    private static final List<ShakyConnection.Fate> CONNECTION_FAULTS =
            List.copyOf(EnumSet.complementOf(EnumSet.of(ShakyConnection.Fate.KIND)));
    private static final List<HintFate> HINT_FAULTS = List.copyOf(EnumSet.complementOf(EnumSet.of(HintFate.KIND)));
    private static final List<StrictProvider.Fate> PROVIDER_FAULTS =
            List.copyOf(EnumSet.complementOf(EnumSet.of(StrictProvider.Fate.KIND)));

    private final FleetFixture fleet = new FleetFixture();
    private final TestTime time = fleet.time;
    private final Random random;
    private final boolean passwords;
    private final StrictProvider provider;
    private final List<Member> members = new ArrayList<>();
    private final List<ProcessTimer> ended = new ArrayList<>();
    private final Map<String, Integer> met = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();
    private final ArrayDeque<String> story = new ArrayDeque<>();
    private final Map<String, Integer> requests = new TreeMap<>();
    private Duration lastFault = Duration.ZERO;
    /** One password is all that a usable token allows: after a lost one there is no other login until its end. */
    private Duration lastLostLogin = Duration.ZERO;

    private Duration lastLoss = Duration.ZERO.minus(AFTERMATH);
    private Duration longestWait = Duration.ZERO;
    private boolean stormy;
    private int waiting;
    private int served;
    private int failed;
    private int mostTasks;
    private StrictProvider.Fate providerMood = StrictProvider.Fate.KIND;
    private long providerMoodUntil;

    FleetSoak(int size, long seed, boolean passwords) {
        this.random = new Random(seed);
        this.passwords = passwords;
        this.provider = new StrictProvider(fleet.tokenUri, time, random, new AtProvider());
        fleet.random = random::nextDouble;
        if (!passwords) {
            provider.life = Duration.ofMinutes(3);
            fleet.grant = () -> Mono.just(TokenRequest.of("urn:example:assertion"));
            fleet.storeSettings = fleet.storeSettings.withSubject("ann");
        }
        provider.fate = this::fateOf;
        for (int i = 0; i < size; i++) {
            members.add(new Member());
        }
    }

    /** One process. */
    private final class Member implements ShakyConnection.Witness {

        private final ProcessTimer process;
        private final ShakyConnection connection;
        private final Instance instance;
        private final long wallAtStart;
        private long wallAhead = (random.nextInt(60_001) - 30_000) * 1_000_000L;
        private Duration lastTouched = Duration.ZERO.minus(AFTERMATH);
        private @Nullable String got;
        private ShakyConnection.@Nullable Fate cut;
        private @Nullable HintFate hints;
        private boolean dead;

        Member() {
            process = new ProcessTimer(time.timer, 1 + (random.nextDouble() - 0.5) / 5_000);
            wallAtStart = -process.nanos() + time.elapsed().toNanos();
            connection = new ShakyConnection(fleet.store, time, process, random, this);
            connection.fate = this::fate;
            connection.hintFate = this::hintFate;
            Instant start = TestStore.START;
            long nanosAhead = random.nextLong() >> 8;
            instance = fleet.instance(
                    connection,
                    provider.lineOf(process),
                    new SourceClock(
                            () -> process.nanos() + nanosAhead,
                            () -> start.plusNanos(process.nanos() + wallAtStart + wallAhead),
                            () -> process));
        }

        private ShakyConnection.Fate fate(Operation operation) {
            if (dead) {
                return ShakyConnection.Fate.FROZEN;
            }
            if (!stormy) {
                return ShakyConnection.Fate.KIND;
            }
            strike(this, operation);
            if (dead) {
                return ShakyConnection.Fate.FROZEN;
            }
            if (cut != null) {
                return cut == ShakyConnection.Fate.LATE && operation.kind() == null
                        ? ShakyConnection.Fate.REFUSED
                        : cut;
            }
            return random.nextInt(operation.kind() == null ? 40 : 15) == 0
                    ? drawn(operation.kind() == null)
                    : ShakyConnection.Fate.KIND;
        }

        private ShakyConnection.Fate drawn(boolean read) {
            ShakyConnection.Fate drawn = drawnFrom(CONNECTION_FAULTS);
            return read && drawn == ShakyConnection.Fate.LATE ? ShakyConnection.Fate.SLOW : drawn;
        }

        private HintFate hintFate() {
            if (dead || cut != null) {
                return HintFate.LOST;
            }
            if (!stormy) {
                return HintFate.KIND;
            }
            return hints != null ? hints : random.nextInt(12) == 0 ? drawnFrom(HINT_FAULTS) : HintFate.KIND;
        }

        void touched() {
            lastTouched = time.elapsed();
            lastFault = time.elapsed();
        }

        @Override
        public void befell(Operation operation, ShakyConnection.Fate fate) {
            if (!dead) {
                touched();
                tell(instance.name + " " + operation.kind() + " " + fate);
                count((operation.kind() == null ? "read " : "write ") + fate);
            }
        }

        @Override
        public void tookEffectLate(Operation operation) {
            touched();
            tell(instance.name + " " + operation.kind() + " took effect late");
            count("write took effect late");
        }

        @Override
        public void befellHint(HintFate fate) {
            if (!dead) {
                lastFault = time.elapsed();
                count("hint " + fate);
            }
        }

        boolean reachesStore() {
            Duration now = time.elapsed();
            return !process.isStopped()
                    && now.minus(lastTouched).compareTo(AFTERMATH) > 0
                    && now.minus(lastLoss).compareTo(AFTERMATH) > 0;
        }

        void ask() {
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
                            error -> {
                                answered(since);
                                failed++;
                                if (!(error instanceof TokenException)) {
                                    violation(instance.name + " failed a caller with " + error);
                                }
                                if (isQuiet()) {
                                    violation(instance.name + " failed a caller without a fault: " + error);
                                }
                            });
        }

        private void answered(Duration since) {
            waiting--;
            Duration wait = time.elapsed().minus(since);
            boolean stood = lastTouched.compareTo(since) >= 0 && stoodStill;
            if (!stood && wait.compareTo(longestWait) > 0) {
                longestWait = wait;
            }
            if (!stood && wait.compareTo(longestAllowed()) > 0) {
                violation(instance.name + " let a caller wait for " + wait);
            }
        }

        private boolean stoodStill;

        private void check(Token token) {
            served++;
            Duration now = time.elapsed();
            AccessToken known = provider.accessToken(token.value());
            if (!token.value().equals(got)) {
                tell(instance.name + " has " + token.value());
            }
            got = token.value();
            if (now.compareTo(known.end()) >= 0) {
                violation(instance.name + " gave a caller " + token.value() + " which ended " + now.minus(known.end())
                        + " ago");
            }
            Duration rejectedAt = known.rejectedAt();
            if (rejectedAt != null) {
                Duration since = rejectedAt.compareTo(lastFault) > 0 ? rejectedAt : lastFault;
                boolean spent = passwords && lastLostLogin.compareTo(known.issuedAt()) > 0;
                if (now.minus(since).compareTo(LONG_REJECTED) > 0 && !spent) {
                    violation(instance.name + " gave a caller " + token.value() + ", rejected for "
                            + now.minus(rejectedAt));
                }
                process.schedule(() -> instance.source.invalidate(token), 20, TimeUnit.MILLISECONDS);
            }
        }

        void stop() {
            stoodStill = true;
            touched();
            process.stop();
        }

        void end(boolean killed) {
            dead = killed;
            process.resume();
            instance.source.close();
            ended.add(process);
            members.set(members.indexOf(this), new Member());
            if (passwords) {
                fleet.forgetLocalGuard();
            }
        }
    }

    /** What the provider sees. */
    private final class AtProvider implements StrictProvider.Witness {

        @Override
        public void sending(Request request, List<Request> others) {
            Member sender = member(request);
            requests.merge(request.isRefresh() ? "refresh" : "login", 1, Integer::sum);
            tell((sender == null ? "one that ended" : sender.instance.name) + " sends "
                    + (request.isRefresh() ? request.fields().first("refresh_token") : "a login"));
            for (Request other : others) {
                Member otherSender = member(other);
                if (sender != null && otherSender != null && sender.reachesStore() && otherSender.reachesStore()) {
                    violation(sender.instance.name + " and " + otherSender.instance.name
                            + " send requests at the same instant");
                }
            }
            if (!provider.presentedTwice().isEmpty() && violations.isEmpty()) {
                violation("presented twice: " + provider.presentedTwice());
            }
        }

        @Override
        public void befell(Request request, StrictProvider.Fate fate) {
            lastFault = time.elapsed();
            tell("its request is " + fate);
            count((request.isRefresh() ? "refresh " : "login ") + fate);
            if (!request.isRefresh()) {
                lastLostLogin = time.elapsed();
            }
        }

        @Override
        public void tookEffect(Request request) {
            Member sender = member(request);
            if (stormy && sender != null && random.nextInt(25) == 0) {
                lastLostLogin = time.elapsed();
                boolean killed = random.nextBoolean();
                if (killed) {
                    happened("killed while its request was under way", sender);
                    time.timer.schedule(() -> end(sender, true));
                } else {
                    happened("stopped while its request was under way", sender);
                    stopFor(sender, 1 + random.nextInt(40_000));
                }
            }
        }
    }

    private @Nullable Member member(Request request) {
        return members.stream()
                .filter(member -> member.process == request.process())
                .findFirst()
                .orElse(null);
    }

    private StrictProvider.Fate fateOf(Request request) {
        if (!stormy) {
            return StrictProvider.Fate.KIND;
        }
        if (time.elapsed().toMillis() < providerMoodUntil && random.nextInt(4) > 0) {
            return providerMood;
        }
        return random.nextInt(10) == 0 ? drawnFrom(PROVIDER_FAULTS) : StrictProvider.Fate.KIND;
    }

    /** What strikes just as an operation is under way. */
    private void strike(Member member, Operation operation) {
        if (operation.kind() == null || random.nextInt(60) > 0) {
            return;
        }
        switch (random.nextInt(4)) {
            case 0 -> {
                happened("killed while it wrote " + operation.kind(), member);
                count("killed while it wrote");
                member.dead = true;
                time.timer.schedule(() -> end(member, true));
            }
            case 1 -> time.timer.schedule(this::lose, random.nextInt(30), TimeUnit.MILLISECONDS);
            case 2 -> {
                happened("stopped while it wrote", member);
                stopFor(member, 1 + random.nextInt(40_000));
            }
            default -> {
                happened("cut while it wrote", member);
                cut(member, 1 + random.nextInt(20_000));
            }
        }
    }

    private <T> T drawnFrom(List<T> faults) {
        return faults.get(random.nextInt(faults.size()));
    }

    /** Storms for so long, with a fault now and then. */
    void storm(Duration length) {
        stormy = true;
        int seldom = 5 + random.nextInt(60);
        run(length, () -> {
            if (random.nextInt(seldom) == 0) {
                fault();
            }
        });
        stormy = false;
        members.forEach(this::heal);
        lastFault = time.elapsed();
        tell("the last fault");
    }

    private void fault() {
        Member member = members.get(random.nextInt(members.size()));
        int longest = new int[] {2_000, 30_000, 240_000}[random.nextInt(3)];
        int millis = 1 + random.nextInt(longest);
        switch (random.nextInt(12)) {
            case 0 -> {
                happened("cut off", member);
                cut(member, millis);
            }
            case 1 -> {
                count("partition");
                List<Member> some = new ArrayList<>(members);
                some.removeIf(any -> random.nextBoolean());
                some.forEach(one -> cut(one, millis));
            }
            case 2 -> {
                count("store away");
                members.forEach(one -> cut(one, millis));
            }
            case 3 -> {
                count("hints amiss");
                HintFate fate = drawnFrom(HINT_FAULTS);
                members.forEach(one -> one.hints = fate);
                after(millis, () -> members.forEach(one -> one.hints = null));
            }
            case 4 -> lose();
            case 5 -> {
                happened("restarted", member);
                end(member, false);
            }
            case 6 -> {
                happened("killed", member);
                end(member, true);
            }
            case 7 -> {
                happened("stopped", member);
                stopFor(member, Math.min(millis, 60_000));
            }
            case 8 -> {
                if (member.got != null) {
                    happened("sees its token rejected", member);
                    provider.reject(member.got);
                }
            }
            case 9 -> {
                happened("doubts its token", member);
                member.instance.token().onErrorComplete().subscribe(member.instance.source::invalidate);
            }
            case 10 -> {
                providerMood = drawnFrom(PROVIDER_FAULTS);
                providerMoodUntil = time.elapsed().toMillis() + millis;
                lastFault = time.elapsed();
                count("provider amiss");
                tell("the provider is " + providerMood);
            }
            default -> {
                happened("has its clock set", member);
                member.wallAhead = (random.nextInt(60_001) - 30_000) * 1_000_000L;
            }
        }
    }

    private void cut(Member member, int millis) {
        ShakyConnection.Fate fate = member.drawn(false);
        member.cut = fate;
        member.connection.breakHints();
        member.touched();
        after(millis, () -> {
            if (member.cut == fate) {
                member.cut = null;
                member.touched();
            }
        });
    }

    private void stopFor(Member member, int millis) {
        member.stop();
        after(millis, () -> resume(member));
    }

    private void resume(Member member) {
        if (member.process.isStopped() && members.contains(member)) {
            member.touched();
            member.process.resume();
            member.touched();
        }
    }

    /** The store forgets all or one record. */
    private void lose() {
        lastLoss = time.elapsed();
        lastFault = time.elapsed();
        List<String> keys = new ArrayList<>(fleet.store.values().keySet());
        if (keys.isEmpty() || random.nextBoolean()) {
            tell("the store forgets all");
            count("store flushed");
            fleet.store.flush();
        } else {
            tell("a record expires");
            count("record expired");
            keys.sort(null);
            fleet.store.forget(keys.get(random.nextInt(keys.size())));
        }
    }

    private void end(Member member, boolean killed) {
        if (members.contains(member)) {
            member.end(killed);
        }
    }

    private void heal(Member member) {
        member.cut = null;
        member.hints = null;
        resume(member);
    }

    private void after(int millis, Runnable what) {
        time.timer.schedule(
                () -> {
                    if (stormy) {
                        what.run();
                    }
                },
                millis,
                TimeUnit.MILLISECONDS);
    }

    private void happened(String what, Member member) {
        member.touched();
        count(what);
        tell(member.instance.name + " is or " + what);
    }

    private void count(String what) {
        met.merge(what, 1, Integer::sum);
    }

    private void tell(String what) {
        story.add(time.elapsed() + " " + what);
        if (story.size() > STORY) {
            story.remove();
        }
    }

    private void violation(String what) {
        if (violations.size() < 10) {
            violations.add(time.elapsed() + " " + what
                    + (violations.isEmpty() ? "\n  after\n  " + String.join("\n  ", story) : ""));
        }
    }

    private void run(Duration length, Runnable meanwhile) {
        Duration end = time.elapsed().plus(length);
        while (time.elapsed().compareTo(end) < 0) {
            time.advanceMillis(1 + random.nextInt(random.nextInt(3) == 0 ? 50 : 4_000));
            List.copyOf(members).forEach(member -> {
                if (random.nextBoolean()) {
                    member.ask();
                }
            });
            meanwhile.run();
            for (Member member : members) {
                mostTasks = Math.max(mostTasks, member.process.waiting());
            }
        }
    }

    private boolean quiet;

    private boolean isQuiet() {
        return quiet;
    }

    /** Lets the last fault pass, and sees the fleet converge within two lifetimes. */
    void recover() {
        run(LATEST, () -> {});
        Duration since = time.elapsed();
        Duration[] converged = new Duration[1];
        run(provider.life.multipliedBy(2), () -> {
            boolean one = members.stream().map(member -> member.got).distinct().count() == 1;
            converged[0] = !one ? null : converged[0] == null ? time.elapsed().minus(since) : converged[0];
        });
        if (converged[0] == null) {
            converge("two lifetimes after the last fault");
        }
    }

    private void converge(String when) {
        Supplier<Set<String>> tokens = () -> {
            Set<String> distinct = new HashSet<>();
            members.forEach(member -> distinct.add(String.valueOf(member.got)));
            return distinct;
        };
        Duration end = time.elapsed().plusSeconds(20); // a renewal may be under way
        while (tokens.get().size() > 1 && time.elapsed().compareTo(end) < 0) {
            run(Duration.ofSeconds(1), () -> {});
        }
        if (tokens.get().size() > 1) {
            violation("the fleet has " + tokens.get() + " " + when);
        }
    }

    /** Goes on without a fault: one refresh a lifetime, no login, no failure. */
    void goOn(int lifetimes, int logins) {
        quiet = true;
        int loginsBefore = requests("login");
        int refreshesBefore = requests("refresh");
        Duration length = provider.life.multipliedBy(lifetimes);
        run(length, () -> {});
        int refreshes = requests("refresh") - refreshesBefore;
        if (requests("login") - loginsBefore != logins) {
            violation((requests("login") - loginsBefore) + " logins without a fault, not " + logins);
        }
        double perLifetime = provider.life.toMillis();
        double most = Math.ceil(length.toMillis() / (0.69 * perLifetime)) + 1;
        double least = Math.floor(length.toMillis() / (0.81 * perLifetime)) - 1;
        if (refreshes > most || refreshes < least) {
            violation(refreshes + " refreshes in " + lifetimes + " lifetimes");
        }
        converge("without a fault");
        quiet = false;
    }

    /** An API rejects the token that all have: one refresh, and all have another one. */
    void reject() {
        quiet = true;
        converge("before the rejection");
        int before = requests("refresh") + requests("login");
        String rejected = Objects.requireNonNull(members.get(0).got);
        provider.reject(rejected);
        run(Duration.ofSeconds(20), () -> {});
        members.forEach(Member::ask);
        time.advance(Duration.ofSeconds(1));
        int sent = requests("refresh") + requests("login") - before;
        if (sent > 2) {
            violation("a rejected token cost " + sent + " requests");
        }
        for (Member member : members) {
            if (rejected.equals(member.got)) {
                violation(member.instance.name + " still has the rejected token");
            }
        }
        quiet = false;
    }

    /** A storm, and what must be true after it. */
    void round() {
        storm(Duration.ofMinutes(40));
        recover();
        goOn(4, 0);
        reject();
    }

    Duration elapsed() {
        return time.elapsed();
    }

    /** Checks that nothing is left behind: no caller, no write, no task of an instance that ended. */
    void finish() {
        for (long millis = 0; waiting > 0 && millis < longestAllowed().toMillis(); millis += 100) {
            time.advanceMillis(100);
        }
        if (waiting > 0) {
            violation(waiting + " callers wait for ever");
        }
        time.advance(LATEST);
        for (ProcessTimer process : ended) {
            if (process.waiting() > 0) {
                violation("an instance that ended left " + process.waiting() + " tasks");
            }
        }
        for (Member member : members) {
            if (member.process.waiting() > 1) { // the one that forgets its token at its end
                violation(member.instance.name + " has " + member.process.waiting() + " tasks");
            }
            for (String key : fleet.store.values().keySet()) {
                int before = fleet.store.commands();
                member.instance.fleet.settled(key).subscribe();
                time.advanceMillis(10);
                if (fleet.store.commands() > before) {
                    violation(member.instance.name + " has a write that is not settled");
                }
            }
        }
        if (!provider.presentedTwice().isEmpty()) {
            violation("presented twice: " + provider.presentedTwice());
        }
    }

    private Duration longestAllowed() {
        return passwords ? LONGEST_WAIT.plus(LONGEST_IN_LINE) : LONGEST_WAIT;
    }

    List<String> violations() {
        return violations;
    }

    List<String> presentedTwice() {
        return provider.presentedTwice();
    }

    int requests(String kind) {
        return requests.getOrDefault(kind, 0);
    }

    /** {@return how often each fault happened} */
    Map<String, Integer> met() {
        return met;
    }

    int mostTasks() {
        return mostTasks;
    }

    @Override
    public String toString() {
        return "served " + served + ", failed " + failed + ", " + requests + ", longest wait " + longestWait
                + ", most tasks " + mostTasks + ", " + met;
    }
}
