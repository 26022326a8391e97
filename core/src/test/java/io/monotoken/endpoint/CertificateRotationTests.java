package io.monotoken.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenAnswer;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.Socket;
import java.net.URI;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** A client's certificate changes while requests go out, each on a connection of its own. */
class CertificateRotationTests {

    private static final HeldCertificate AUTHORITY =
            new HeldCertificate.Builder().certificateAuthority(0).build();

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private final Queue<String> shown = new ConcurrentLinkedQueue<>();

    private static HeldCertificate certificate(String name) {
        return new HeldCertificate.Builder()
                .commonName(name)
                .addSubjectAlternativeName("localhost")
                .signedBy(AUTHORITY)
                .build();
    }

    /** Shows the certificate of the moment. */
    private static final class CurrentKey extends X509ExtendedKeyManager {

        private volatile HeldCertificate current;

        CurrentKey(HeldCertificate first) {
            current = first;
        }

        void change(HeldCertificate next) {
            current = next;
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return current.certificate().getSerialNumber().toString();
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {current.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return current.keyPair().getPrivate();
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            throw new UnsupportedOperationException();
        }
    }

    private TokenEndpoint endpoint(CurrentKey key) throws Exception {
        HandshakeCertificates own = new HandshakeCertificates.Builder()
                .heldCertificate(certificate("server"))
                .addTrustedCertificate(AUTHORITY.certificate())
                .build();
        server.useHttps(own.sslSocketFactory());
        server.requireClientAuth();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                X509Certificate peer = (X509Certificate) Objects.requireNonNull(request.getHandshake())
                        .peerCertificates()
                        .get(0);
                shown.add(peer.getSubjectX500Principal().getName());
                return Exchanges.json(Exchanges.TOKEN);
            }
        });
        SslContext ssl = SslContextBuilder.forClient()
                .keyManager(key)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .build();
        return TokenEndpoint.builder(URI.create(server.url("/token").toString()))
                .clientAuthentication(ClientAuthentication.tlsClientAuth("orders"))
                .httpClient(client -> client.secure(spec -> spec.sslContext(ssl)))
                .timeout(Duration.ofSeconds(10))
                .build();
    }

    @Test
    void theNextConnectionShowsTheNewOneAndNoRequestFails() throws Exception {
        CurrentKey key = new CurrentKey(certificate("old"));
        TokenEndpoint endpoint = endpoint(key);
        CountDownLatch before = new CountDownLatch(20);
        CountDownLatch after = new CountDownLatch(40);
        AtomicBoolean stop = new AtomicBoolean();
        Queue<TokenAnswer> failed = new ConcurrentLinkedQueue<>();

        CountDownLatch ended = new CountDownLatch(1);
        Flux.range(0, 4)
                .flatMap(caller -> endpoint.send(Exchanges.CLIENT)
                        .doOnNext(answer -> {
                            if (answer instanceof TokenAnswer.Failed) {
                                failed.add(answer);
                            }
                            (before.getCount() > 0 ? before : after).countDown();
                        })
                        .repeat(() -> !stop.get()))
                .doFinally(signal -> ended.countDown())
                .subscribe();
        boolean ran = before.await(30, TimeUnit.SECONDS);
        key.change(certificate("new"));
        ran &= after.await(30, TimeUnit.SECONDS);
        shown.clear(); // what was in flight at the change has long been answered
        endpoint.send(Exchanges.CLIENT).block(Exchanges.BOUND);
        List<String> last = List.copyOf(shown);
        stop.set(true);
        ran &= ended.await(30, TimeUnit.SECONDS);

        assertThat(ran).isTrue();
        assertThat(failed).isEmpty();
        assertThat(last).isNotEmpty().containsOnly("CN=new");
    }
}
