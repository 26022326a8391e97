package io.monotoken.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real processes that share one token through a real Redis, killed, frozen, flushed and failed over. */
@Tag("processes")
@Timeout(120)
class FleetProcessTests {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration TIMEOUT = Duration.ofSeconds(4);
    private static final Duration LEASE = Duration.ofSeconds(6);

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private final List<WorkerProcess> workers = new ArrayList<>();
    private int minReplicas;

    @Test
    void oneThatIsKilledWhileItRenewsIsReplacedByAnother() {
        StandInTokenServer server = server(Duration.ofSeconds(8));
        start(3, redis.server(RedisBuild.EMBEDDED).port(), server);
        int[] positions = positions();
        WorkerProcess leader = leaderOfARenewalThatHangs(server);

        leader.kill();
        server.answerAgain();

        for (WorkerProcess worker : others(leader)) {
            worker.await(positions[workers.indexOf(worker)], WorkerProcess::isToken, LONG);
        }
        assertThat(server.refreshTokensPresentedTwice()).isZero();
        assertThat(server.passwordRequests())
                .as("the first login, the one after the kill, and one of each worker that the machine kept from Redis")
                .isLessThanOrEqualTo(2 + said("goes on for itself"));
    }

    @Test
    void oneThatIsFrozenWhileItRenewsPresentsNothingTwiceWhenItThaws() {
        StandInTokenServer server = server(Duration.ofSeconds(8));
        start(3, redis.server(RedisBuild.EMBEDDED).port(), server);
        int[] positions = positions();
        WorkerProcess leader = leaderOfARenewalThatHangs(server);

        leader.freeze();
        server.answerAgain();
        for (WorkerProcess worker : others(leader)) {
            worker.await(positions[workers.indexOf(worker)], WorkerProcess::isToken, LONG);
        }
        int position = leader.position();
        leader.thaw();

        leader.await(position, WorkerProcess::isToken, LONG);
        sameToken();
        assertThat(server.refreshTokensPresentedTwice()).isZero();
    }

    @Test
    void flushCostsNoCall() {
        StandInTokenServer server = server(Duration.ofSeconds(3));
        RedisProcess process = redis.server(RedisBuild.EMBEDDED);
        start(3, process.port(), server);

        for (int i = 0; i < 3; i++) {
            process.operator().flushall();
            int[] positions = positions();
            for (WorkerProcess worker : workers) {
                worker.await(positions[workers.indexOf(worker)], WorkerProcess::isToken, LONG);
            }
        }

        assertThat(failures()).isEmpty();
        assertThat(server.refreshTokensPresentedTwice()).isZero();
    }

    @Test
    void restartNeedsNoLogin() {
        StandInTokenServer server = server(Duration.ofSeconds(3));
        RedisProcess process = redis.server(RedisBuild.EMBEDDED);
        start(2, process.port(), server);
        workers.forEach(WorkerProcess::kill);

        for (int i = 0; i < 2; i++) {
            WorkerProcess again = start(process.port(), server, server.password());
            again.await(0, WorkerProcess::isToken, LONG);
            again.kill();
        }

        assertThat(server.passwordRequests()).isOne();
        assertThat(server.refreshTokensPresentedTwice()).isZero();
    }

    @Test
    void fiveProcessesAndThreeRestartsSendAWrongPasswordOnce() {
        StandInTokenServer server = server(Duration.ofMinutes(30));
        RedisProcess process = redis.server(RedisBuild.EMBEDDED);

        for (int i = 0; i < 8; i++) {
            WorkerProcess worker = start(process.port(), server, "wrong");
            worker.await(0, line -> line.startsWith("FAILED"), LONG);
            if (i > 4) {
                worker.kill();
            }
        }

        assertThat(server.wrongPasswords()).isOne();
    }

    @Test
    void aFailoverToAReplicaPresentsNothingTwiceWithMinReplicas() throws Exception {
        StandInTokenServer server = server(Duration.ofSeconds(3));
        RedisProcess master = redis.server(RedisBuild.EMBEDDED);
        String port = Integer.toString(master.port());
        RedisProcess heir = redis.server(RedisBuild.EMBEDDED, "--replicaof", RedisProcess.HOST, port);
        RedisProcess other = redis.server(RedisBuild.EMBEDDED, "--replicaof", RedisProcess.HOST, port);
        Eventually.eventually(() -> master.operator().info("replication"), info -> info.contains("connected_slaves:2"));
        try (DroppingProxy proxy = new DroppingProxy(master.port())) {
            minReplicas = 1;
            start(3, proxy.port(), server);
            long before = server.refreshRequests();
            Eventually.eventually(server::refreshRequests, requests -> requests > before);

            master.kill();
            heir.operator().replicaofNoOne();
            other.operator().replicaof(RedisProcess.HOST, heir.port());
            proxy.moveTo(heir.port());

            for (int i = 0; i < 4; i++) {
                int[] positions = positions();
                for (WorkerProcess worker : workers) {
                    worker.await(positions[workers.indexOf(worker)], WorkerProcess::isToken, LONG);
                }
            }
            sameToken();
        }
        assertThat(failures()).isEmpty();
        assertThat(server.refreshTokensPresentedTwice()).isZero();
    }

    @Test
    void aProxyThatDropsRepliesCostsNoCall() throws Exception {
        StandInTokenServer server = server(Duration.ofSeconds(3));
        RedisProcess process = redis.server(RedisBuild.EMBEDDED);
        try (DroppingProxy proxy = new DroppingProxy(process.port())) {
            start(3, proxy.port(), server);
            proxy.dropReplies(true);
            int[] positions = positions();
            for (WorkerProcess worker : workers) {
                worker.await(positions[workers.indexOf(worker)], WorkerProcess::isToken, LONG);
            }
            proxy.dropReplies(false);
            for (int i = 0; i < 4; i++) {
                int[] later = positions();
                for (WorkerProcess worker : workers) {
                    worker.await(later[workers.indexOf(worker)], WorkerProcess::isToken, LONG);
                }
            }
            sameToken();
        }

        assertThat(failures()).isEmpty();
        assertThat(server.refreshTokensPresentedTwice()).isZero();
    }

    /** {@return the worker whose renewal gets no answer} */
    private WorkerProcess leaderOfARenewalThatHangs(StandInTokenServer server) {
        int[] positions = positions();
        server.stopAnswering();
        return Eventually.eventually(
                        () -> workers.stream()
                                .filter(worker -> worker.said().stream()
                                        .skip(positions[workers.indexOf(worker)])
                                        .anyMatch(line -> line.startsWith("REQUESTED")))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** An instance looks for a store that was away every ten seconds at least. */
    private void sameToken() {
        Eventually.eventually(
                LONG,
                () -> workers.stream().map(WorkerProcess::token).distinct().toList(),
                tokens -> tokens.size() == 1);
    }

    private List<WorkerProcess> others(WorkerProcess leader) {
        return workers.stream().filter(worker -> worker != leader).toList();
    }

    private long said(String words) {
        return workers.stream()
                .flatMap(worker -> worker.said().stream())
                .filter(line -> line.contains(words))
                .count();
    }

    /** {@return calls that failed, and exceptions but for the one that the warning of a store out of reach names} */
    private List<String> failures() {
        return workers.stream()
                .flatMap(worker -> worker.said().stream())
                .filter(line -> line.startsWith("FAILED")
                        || (line.contains("Exception") && !line.contains("each instance goes on for itself")))
                .toList();
    }

    private int[] positions() {
        return workers.stream().mapToInt(WorkerProcess::position).toArray();
    }

    private StandInTokenServer server(Duration life) {
        return redis.open(
                StandInTokenServer.stemsAccounts().accessTokenLife(life).start());
    }

    private void start(int n, int port, StandInTokenServer server) {
        for (int i = 0; i < n; i++) {
            start(port, server, server.password()).await(0, WorkerProcess::isToken, LONG);
        }
    }

    private WorkerProcess start(int port, StandInTokenServer server, String password) {
        WorkerProcess worker = redis.open(WorkerProcess.start(port, server, password, TIMEOUT, LEASE, minReplicas));
        workers.add(worker);
        return worker;
    }
}
