package io.monotoken.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures all claims, or those named, and prints one table: {@code [--quick] [--write <file>] [claim ...]}. */
public final class Benchmarks {

    private static final Map<String, Claim> CLAIMS = new LinkedHashMap<>();

    static {
        CLAIMS.put("WarmToken", WarmTokenBenchmark::measure);
        CLAIMS.put("WarmFilter", WarmFilterBenchmark::measure);
        CLAIMS.put("Assertion", AssertionBenchmark::measure);
        CLAIMS.put("ColdStart", ColdStart::measure);
        CLAIMS.put("RenewalUnderLoad", RenewalUnderLoad::measure);
        CLAIMS.put("Outage", Outage::measure);
        CLAIMS.put("OutageAcrossExpiry", OutageAcrossExpiry::measure);
        CLAIMS.put("RefusedCredentials", RefusedCredentials::measure);
        CLAIMS.put("RejectionStorm", RejectionStorm::measure);
        CLAIMS.put("UnauthorizedStorm", UnauthorizedStorm::measure);
        CLAIMS.put("EndToEnd", EndToEnd::measure);
        CLAIMS.put("IdleBytes", IdleBytes::measure);
        CLAIMS.put("FleetRenewals", FleetRenewals::measure);
        CLAIMS.put("FleetStart", FleetStart::measure);
        CLAIMS.put("FleetLeaderLost", FleetLeaderLost::measure);
        CLAIMS.put("FleetRejection", FleetRejection::measure);
        CLAIMS.put("FleetRefusal", FleetRefusal::measure);
        CLAIMS.put("FleetStoreAway", FleetStoreAway::measure);
        CLAIMS.put("FleetOutage", FleetOutage::measure);
    }

    private Benchmarks() {}

    /**
     * Measures, prints, and writes when asked to.
     *
     * @param args {@code --quick} for a smoke run, {@code --write} and a file whose table is replaced, names of claims
     * @throws IOException if that file cannot be read or written
     */
    public static void main(String... args) throws IOException {
        Pace pace = Pace.FULL;
        Path file = null;
        List<String> names = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--quick")) {
                pace = Pace.QUICK;
            } else if (args[i].equals("--write") && i + 1 < args.length) {
                file = Path.of(args[++i]);
            } else if (CLAIMS.containsKey(args[i])) {
                names.add(args[i]);
            } else {
                throw new IllegalArgumentException(
                        "'" + args[i] + "' is not --quick, --write <file> or one of " + CLAIMS.keySet());
            }
        }
        String table = measure(pace, names.isEmpty() ? List.copyOf(CLAIMS.keySet()) : names);
        System.out.println(table);
        if (file != null) {
            new MarkedFile(file).replace(table);
        }
        System.exit(0); // shared event loops are still there
    }

    static String measure(Pace pace, List<String> names) {
        List<Row> rows = new ArrayList<>();
        for (String name : names) {
            long startedAt = System.nanoTime();
            rows.addAll(CLAIMS.getOrDefault(name, none -> List.of()).measure(pace));
            System.err.printf("%s took %.1f s%n", name, (System.nanoTime() - startedAt) / 1e9);
        }
        return Table.of(pace, rows);
    }

    static List<String> names() {
        return List.copyOf(CLAIMS.keySet());
    }
}
