package io.monotoken.samples.complyone.fleet;

import io.monotoken.samples.complyone.ComplyOneApplication;
import java.io.IOException;
import java.time.Instant;

/** One instance of the application, in a process that ends with the one that started it. */
final class FleetMember {

    /** Names the variable with the process id of Redis. */
    static final String REDIS = "FLEET_REDIS_PID";

    private FleetMember() {}

    public static void main(String[] arguments) {
        Thread watch = new Thread(FleetMember::endWithTheInput, "fleet");
        watch.setDaemon(true);
        watch.start();
        ComplyOneApplication.main(arguments);
    }

    /** The input ends when the process at its other end does, however it is ended. Redis has no such watch. */
    private static void endWithTheInput() {
        try {
            while (System.in.read() >= 0) {
                // nothing is said
            }
        } catch (IOException e) {
            // has ended, too
        }
        ProcessHandle.of(Long.parseLong(System.getenv(REDIS)))
                .filter(FleetMember::isOlder)
                .ifPresent(ProcessHandle::destroyForcibly);
        Runtime.getRuntime().halt(0);
    }

    /** A younger process has the id of a Redis that has ended. */
    private static boolean isOlder(ProcessHandle process) {
        Instant now = Instant.now();
        Instant ownStart = ProcessHandle.current().info().startInstant().orElse(now);
        return process.info().startInstant().orElse(now).compareTo(ownStart) <= 0;
    }
}
