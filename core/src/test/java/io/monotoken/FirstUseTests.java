package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.NonBlocking;

/** What event loops do at once when a process has just started, and has prepared nothing yet. */
class FirstUseTests {

    private static final int LOOPS = 8;
    private static final int PROCESSES = 10;

    @ParameterizedTest
    @ValueSource(classes = {ReadRecord.class, WriteRecord.class, Encrypt.class, SignWithSecret.class})
    void blocksNoEventLoop(Class<?> task) throws Exception {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

        for (int i = 0; i < PROCESSES; i++) {
            Object prepared =
                    new NewProcess().loadClass(task.getName()).getConstructor().newInstance();
            atOnce((Callable<?>) prepared, failures);
        }

        assertThat(failures).isEmpty();
    }

    /** Instances that start together read one record at the same moment. */
    public static final class ReadRecord implements Callable<Object> {

        @Override
        public Object call() throws Exception {
            return RecordFormat.record(
                    "{\"generation\":1,\"token\":{\"value\":\"v\",\"scopes\":[\"a\"],\"issuedAt\":1,\"life\":2,"
                            + "\"attributes\":{\"a\":[1.5,{\"b\":true}]},\"by\":\"i\"},\"forcedFrom\":0}");
        }
    }

    public static final class WriteRecord implements Callable<Object> {

        @Override
        public Object call() {
            return RecordFormat.write(SharedRecord.of(draft -> draft.token =
                    new SharedRecord.SharedToken("v", Set.of("a", "b"), 1, 2, Map.of("a", List.of(1.5, true)), "i")));
        }
    }

    public static final class Encrypt implements Callable<Object> {

        private final StoreCipher cipher =
                new StoreCipher(StoreSettings.encryptedBy("k1", new byte[32]).keys());

        public Encrypt() {
            Fingerprint.prepare(); // as the builder of a source does
        }

        @Override
        public Object call() throws Exception {
            byte[] value = cipher.encrypt("key", "tag", new byte[100]);
            RecordTag.first(1, RecordTag.Kind.TOKEN).sealed(cipher, "key");
            return List.of(cipher.decrypt("key", "tag", value), cipher.fingerprints("a", "b"));
        }
    }

    public static final class SignWithSecret implements Callable<Object> {

        private final SigningKey key = SigningKey.ofSecret("a".repeat(32));
        private final AssertionSettings settings = AssertionSettings.defaults();

        @Override
        public Object call() {
            List<String> signed = new ArrayList<>();
            settings.assertion(key, "client", "client", "https://idp.example").subscribe(signed::add);
            return signed.get(0);
        }
    }

    private static void atOnce(Callable<?> task, Queue<Throwable> failures) throws InterruptedException {
        AtomicInteger missing = new AtomicInteger(LOOPS);
        List<Thread> loops = Stream.generate(() -> (Thread) new EventLoop(() -> {
                    missing.decrementAndGet();
                    try {
                        while (missing.get() > 0) {} // an event loop waits for nobody
                        task.call();
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }))
                .limit(LOOPS)
                .toList();
        loops.forEach(Thread::start);
        for (Thread loop : loops) {
            loop.join(10_000);
            assertThat(loop.isAlive()).isFalse();
        }
    }

    private static final class EventLoop extends Thread implements NonBlocking {

        EventLoop(Runnable task) {
            super(task, "event-loop");
            setDaemon(true);
        }
    }

    /** Loads the library and Jackson once more, as a process that starts does. */
    private static final class NewProcess extends ClassLoader {

        NewProcess() {
            super(FirstUseTests.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("io.monotoken.") && !name.startsWith("tools.jackson.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                byte[] code = loaded == null ? code(name) : null;
                return loaded != null ? loaded : defineClass(name, code, 0, code == null ? 0 : code.length);
            }
        }

        private byte @Nullable [] code(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                return in.readAllBytes();
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
