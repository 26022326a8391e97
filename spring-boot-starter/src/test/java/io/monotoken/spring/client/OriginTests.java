package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTests {

    @ParameterizedTest
    @CsvSource({
        "http://[::1]:8080, http://[0:0:0:0:0:0:0:1]:8080",
        "http://[0:0:0:0:0:0:0:1], http://[0000:0000::0001]:80",
        "https://[2001:DB8::A], https://[2001:db8:0:0:0:0:0:a]:443",
        "http://[::ffff:192.0.2.1], http://[::FFFF:C000:0201]",
        "http://[fe80::1%25eth0], http://[fe80:0:0:0:0:0:0:1%eth0]",
        "https://API.example.com, HTTPS://api.Example.com:443/v3",
        "http://api.example.com:80, http://api.example.com",
        "https://xn--bcher-kva.example, https://XN--BCHER-KVA.example"
    })
    void isOneHoweverItIsSpelled(URI one, URI other) {
        assertThat(Origin.of(one))
                .isEqualTo(Origin.of(other))
                .hasToString(Origin.of(other).toString());
        assertThat(Origin.of(one).covers(other)).isTrue();
        assertThat(Origin.of(other).covers(one)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "http://[::1], http://[::2]",
        "http://[::1], http://localhost",
        "http://[::ffff:127.0.0.1], http://127.0.0.1",
        "http://[fe80::1%25eth0], http://[fe80::1%25eth1]",
        "http://[fe80::1%25eth0], http://[fe80::1]",
        "https://api.example.com., https://api.example.com",
        "https://api.example.com, http://api.example.com",
        "https://api.example.com:8443, https://api.example.com"
    })
    void isAnotherOneWhereHostPortOrSchemeDiffer(URI one, URI other) {
        assertThat(Origin.of(one)).isNotEqualTo(Origin.of(other));
        assertThat(Origin.of(one).covers(other)).isFalse();
        assertThat(Origin.of(other).covers(one)).isFalse();
    }

    @Test
    void showsTheShortestSpelling() {
        assertThat(Origin.of(URI.create("http://[0:0:0:0:0:0:0:1]:8080/v3"))).hasToString("http://[::1]:8080");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://my_api:8080/v3 | was 'http://my_api:8080'; a host name cannot contain an underscore",
                "https://bücher.example/v3 | was 'https://bücher.example'; write its host in ASCII, as xn--bcher-kva.example",
                "https://b%C3%BCcher.example:8443 | was 'https://b%C3%BCcher.example:8443'; write its host in ASCII, as"
                        + " xn--bcher-kva.example",
                "https://faß.example | was 'https://faß.example'; write its host in ASCII", // not as fass.example
                "https://127.1/v3 | was 'https://127.1'; that is no host name",
                "https://api..example.com | was 'https://api..example.com'; that is no host name",
                "https://api.example.com%2Fevil | was 'https://api.example.com%2Fevil'; that is no host name"
            })
    void saysWhatIsWrongWithAHost(URI uri, String reason) {
        assertThat(Origin.flaw(uri)).isEqualTo("an address for a token must name a host, " + reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https:///v3", "https:/v3", "https:v3"})
    void saysThatThereIsNoHost(URI uri) {
        assertThat(Origin.flaw(uri)).isEqualTo("an address for a token must name a host");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://api.example.com@evil.example/", "https://user:pa55@my_api/", "https://@b%C3%BC.example"
            })
    void refusesUserInfoWithoutShowingIt(URI uri) {
        assertThat(Origin.flaw(uri)).isEqualTo("an address for a token must not have user info");
    }

    @ParameterizedTest
    @CsvSource({
        "http://orders/v3/me?a=%2F, http://10.0.0.3:8080/v3/me?a=%2F, true",
        "http://orders/me, https://10.0.0.3/me, true",
        "https://orders/me, http://10.0.0.3/me, false",
        "http://orders/me, http://evil.example/login, false",
        "http://orders/me?a=1, http://10.0.0.3/me?a=2, false",
        "http://orders/me, http://10.0.0.3/me?a, false",
        "ftp://orders/me, http://10.0.0.3/me, false",
    })
    void isTakenForRewrittenWhereHostAndPortDifferOnly(URI written, URI sent, boolean rewritten) {
        assertThat(Origin.isRewritten(written, sent)).isEqualTo(rewritten);
    }
}
