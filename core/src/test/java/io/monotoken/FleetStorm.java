package io.monotoken;

import io.monotoken.FleetSoak.Member;
import io.monotoken.ShakyConnection.HintFate;
import io.monotoken.StrictProvider.Request;
import io.monotoken.TestStore.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Draws what goes wrong in a {@link FleetSoak}, and counts what has come of it. */
final class FleetStorm {

    private static final List<ShakyConnection.Fate> CONNECTION_FAULTS =
            List.copyOf(EnumSet.complementOf(EnumSet.of(ShakyConnection.Fate.KIND)));
    private static final List<HintFate> HINT_FAULTS = List.copyOf(EnumSet.complementOf(EnumSet.of(HintFate.KIND)));
    private static final List<StrictProvider.Fate> PROVIDER_FAULTS =
            List.copyOf(EnumSet.complementOf(EnumSet.of(StrictProvider.Fate.KIND)));
    private static final String KILLED_WRITING = "killed while it writes";
    private static final String STOPPED_WRITING = "stopped while it writes";
    private static final String CUT_WRITING = "cut off while it writes";
    private static final String KILLED_SENDING = "killed while its request is under way";
    private static final String STOPPED_SENDING = "stopped while its request is under way";
    private static final int LONGEST_STOP = 60_000;

    private final FleetSoak soak;
    private final Random random;
    private final Map<String, Integer> happened = new TreeMap<>();
    private boolean raging;
    private int seldom;
    private StrictProvider.Fate providerFate = StrictProvider.Fate.KIND;
    private long providerFateUntil;

    /** What may happen to one member, to some or to all. */
    private enum Event {
        CUT_OFF,
        PARTITION,
        STORE_AWAY,
        HINTS_AMISS,
        RECORDS_LOST,
        RESTARTED,
        KILLED,
        STOPPED,
        TOKEN_REJECTED,
        TOKEN_DOUBTED,
        PROVIDER_AMISS,
        CLOCK_SET
    }

    FleetStorm(FleetSoak soak, Random random) {
        this.soak = soak;
        this.random = random;
    }

    void begin() {
        raging = true;
        seldom = 5 + random.nextInt(60);
    }

    void end() {
        raging = false;
        soak.members().forEach(member -> {
            member.cut = null;
            member.hints = null;
            resume(member);
        });
    }

    /** Lets something happen, or not. */
    void perhaps() {
        if (raging && random.nextInt(seldom) == 0) {
            happen(drawnFrom(List.of(Event.values())));
        }
    }

    private void happen(Event event) {
        Member member = drawnFrom(soak.members());
        int millis = 1 + random.nextInt(drawnFrom(List.of(2_000, 30_000, 240_000)));
        if (event != Event.RECORDS_LOST && event != Event.TOKEN_REJECTED) {
            tell(event.toString(), member);
        }
        switch (event) {
            case CUT_OFF -> cut(member, millis);
            case PARTITION -> {
                List<Member> some = new ArrayList<>(soak.members());
                some.removeIf(any -> random.nextBoolean());
                some.forEach(one -> cut(one, millis));
            }
            case STORE_AWAY -> soak.members().forEach(one -> cut(one, millis));
            case HINTS_AMISS -> {
                HintFate fate = drawnFrom(HINT_FAULTS);
                soak.members().forEach(one -> one.hints = fate);
                after(millis, () -> soak.members().forEach(one -> one.hints = null));
            }
            case RECORDS_LOST -> lose();
            case RESTARTED -> soak.replace(member, false);
            case KILLED -> soak.replace(member, true);
            case STOPPED -> stop(member, Math.min(millis, LONGEST_STOP));
            case TOKEN_REJECTED -> {
                if (member.got != null) {
                    tell(event.toString(), member);
                    soak.provider().reject(member.got);
                }
            }
            case TOKEN_DOUBTED ->
                member.instance.token().onErrorComplete().subscribe(member.instance.source::invalidate);
            case PROVIDER_AMISS -> {
                providerFate = drawnFrom(PROVIDER_FAULTS);
                providerFateUntil = soak.now().toMillis() + millis;
            }
            case CLOCK_SET -> member.setClock();
        }
    }

    /** {@return what becomes of an operation of a member} */
    ShakyConnection.Fate fateOf(Operation operation, Member member) {
        boolean read = operation.kind() == null;
        if (raging && !read && soak.members().contains(member) && random.nextInt(25) == 0) {
            strikeWriter(member);
        }
        if (member.isDead()) {
            return ShakyConnection.Fate.FROZEN;
        }
        if (!raging) {
            return ShakyConnection.Fate.KIND;
        }
        if (member.cut != null) {
            return read && member.cut == ShakyConnection.Fate.LATE ? ShakyConnection.Fate.REFUSED : member.cut;
        }
        return random.nextInt(read ? 40 : 12) > 0 ? ShakyConnection.Fate.KIND : connectionFault(read);
    }

    private ShakyConnection.Fate connectionFault(boolean read) {
        ShakyConnection.Fate drawn = drawnFrom(CONNECTION_FAULTS);
        return read && drawn == ShakyConnection.Fate.LATE ? ShakyConnection.Fate.SLOW : drawn;
    }

    private void strikeWriter(Member member) {
        switch (random.nextInt(4)) {
            case 0 -> {
                tell(KILLED_WRITING, member);
                member.die();
                soon(() -> soak.replace(member, true));
            }
            case 1 -> {
                tell(STOPPED_WRITING, member);
                stop(member, 1 + random.nextInt(40_000));
            }
            case 2 -> {
                tell(CUT_WRITING, member);
                cut(member, 1 + random.nextInt(20_000));
            }
            default -> soon(this::lose);
        }
    }

    HintFate hintFateOf(Member member) {
        if (member.isDead() || member.cut != null) {
            return HintFate.LOST;
        }
        if (!raging) {
            return HintFate.KIND;
        }
        return member.hints != null ? member.hints : random.nextInt(12) == 0 ? drawnFrom(HINT_FAULTS) : HintFate.KIND;
    }

    /** {@return what becomes of a request} */
    StrictProvider.Fate fateOf(Request request) {
        if (!raging) {
            return StrictProvider.Fate.KIND;
        }
        if (soak.now().toMillis() < providerFateUntil && random.nextInt(4) > 0) {
            return providerFate;
        }
        return random.nextInt(6) == 0 ? drawnFrom(PROVIDER_FAULTS) : StrictProvider.Fate.KIND;
    }

    /** {@return whether something happens to the sender of a request that has taken effect, before the answer is there} */
    boolean strikesSender(Member member) {
        if (!raging || random.nextInt(25) > 0) {
            return false;
        }
        if (random.nextBoolean()) {
            tell(KILLED_SENDING, member);
            soon(() -> soak.replace(member, true));
        } else {
            tell(STOPPED_SENDING, member);
            stop(member, 1 + random.nextInt(40_000));
        }
        return true;
    }

    private void cut(Member member, int millis) {
        ShakyConnection.Fate fate = connectionFault(false);
        member.cut = fate;
        member.connection.breakHints();
        member.touch();
        after(millis, () -> {
            if (member.cut == fate) {
                member.cut = null;
                member.touch();
            }
        });
    }

    private void stop(Member member, int millis) {
        member.stop();
        after(millis, () -> resume(member));
    }

    private void resume(Member member) {
        if (soak.members().contains(member)) {
            member.resume();
        }
    }

    private void lose() {
        List<String> keys = new ArrayList<>(soak.store().values().keySet());
        boolean all = keys.isEmpty() || random.nextBoolean();
        count(all ? "all records lost" : "one record lost");
        soak.recordsLost();
        if (all) {
            soak.store().flush();
        } else {
            Collections.sort(keys);
            soak.store().forget(drawnFrom(keys));
        }
    }

    private void after(int millis, Runnable what) {
        soak.time()
                .timer
                .schedule(
                        () -> {
                            if (raging) {
                                what.run();
                            }
                        },
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    private void soon(Runnable what) {
        soak.time().timer.schedule(what, random.nextInt(5), TimeUnit.MILLISECONDS);
    }

    private <T> T drawnFrom(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private void tell(String what, Member member) {
        count(what);
        member.touch();
        soak.tell(member + " " + what);
    }

    void count(String what) {
        happened.merge(what, 1, Integer::sum);
    }

    /** {@return how often each kind of fault happened, those that never did with zero} */
    Map<String, Integer> happened() {
        Map<String, Integer> all = new TreeMap<>(happened);
        List<String> kinds = new ArrayList<>(List.of(
                KILLED_WRITING,
                STOPPED_WRITING,
                CUT_WRITING,
                KILLED_SENDING,
                STOPPED_SENDING,
                "all records lost",
                "one record lost",
                "write LATE done"));
        for (Event event : Event.values()) {
            if (event != Event.RECORDS_LOST) {
                kinds.add(event.toString());
            }
        }
        CONNECTION_FAULTS.forEach(fate -> kinds.add("write " + fate));
        CONNECTION_FAULTS.stream()
                .filter(fate -> fate != ShakyConnection.Fate.LATE)
                .forEach(fate -> kinds.add("read " + fate));
        HINT_FAULTS.forEach(fate -> kinds.add("hint " + fate));
        PROVIDER_FAULTS.forEach(fate -> kinds.addAll(List.of("login " + fate, "refresh " + fate)));
        kinds.forEach(kind -> all.putIfAbsent(kind, 0));
        return all;
    }
}
