package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the RFCs give as examples. RFC 7518 has none of a signature in a form of its own, and that of RFC 8037 is in
 * {@link SigningKeyTests}. Each key here is published and protects nothing.
 */
class RfcExamplesTests {

    /** The payload of RFC 7515, appendix A.1 to A.3. */
    private static final String CLAIMS =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    private static final String RSA = """
            {"kty":"RSA",
             "n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs\
            D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV\
            MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
             "e":"AQAB",
             "d":"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0\
            BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYT\
            CBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
             "p":"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPG\
            BY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
             "q":"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA\
            -njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
             "dp":"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb\
            34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
             "dq":"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-ky\
            NlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
             "qi":"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLU\
            W0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"}
            """;

    private static final String EC = """
            {"kty":"EC","crv":"P-256",
             "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
             "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
             "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}
            """;

    private static byte[] bytes(String header) {
        return (header + "." + CLAIMS).getBytes(StandardCharsets.US_ASCII);
    }

    private static String base64(byte[] signature) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    }

    private static SignedJWT jwt(String header, String signature) throws Exception {
        return SignedJWT.parse(header + "." + CLAIMS + "." + signature);
    }

    /** RFC 7515, appendix A.1. Its key is no text, so it does not come by way of a client secret. */
    @Test
    void signsWithASecret() {
        byte[] secret = Base64.getUrlDecoder()
                .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");

        byte[] signature = JwsAlgorithm.HS256.sign(
                new SecretKeySpec(secret, "HMAC"), bytes("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"));

        assertThat(base64(signature)).isEqualTo("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    /** RFC 7515, appendix A.2: such a signature is the same every time. */
    @Test
    void signsWithRsa() throws Exception {
        String header = "eyJhbGciOiJSUzI1NiJ9";
        SigningKey key = SigningKey.ofJwk(RSA);

        String signature = base64(key.sign(bytes(header)));

        assertThat(key.algorithm()).isEqualTo("RS256");
        assertThat(signature)
                .isEqualTo("cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"
                        + "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
                        + "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"
                        + "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
                        + "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"
                        + "p0igcN_IoypGlUPQGe77Rw");
        assertThat(jwt(header, signature)
                        .verify(new RSASSAVerifier(RSAKey.parse(RSA).toPublicJWK())))
                .isTrue();
    }

    /** RFC 7515, appendix A.3: such a signature is another one every time, and the public key of the example knows them all. */
    @Test
    void signsWithAnEllipticCurve() throws Exception {
        String header = "eyJhbGciOiJFUzI1NiJ9";
        ECDSAVerifier verifier = new ECDSAVerifier(ECKey.parse(EC).toPublicJWK());
        SigningKey key = SigningKey.ofJwk(EC);

        String first = base64(key.sign(bytes(header)));
        String second = base64(key.sign(bytes(header)));

        assertThat(key.algorithm()).isEqualTo("ES256");
        assertThat(List.of(
                        first,
                        second,
                        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"))
                .doesNotHaveDuplicates()
                .allMatch(signature -> signature.length() == 86)
                .allSatisfy(signature ->
                        assertThat(jwt(header, signature).verify(verifier)).isTrue());
    }

    /** The members with which RFC 7517, appendix A.2, names its private keys, on the keys above; one of them is not for signing there. */
    @ParameterizedTest
    @CsvSource({"1, ES256", "2011-04-29, RS256"})
    void readsNamedKeys(String keyId, String algorithm) {
        String json = (algorithm.equals("RS256") ? RSA : EC)
                .replace("{\"kty\"", "{\"use\":\"sig\",\"kid\":\"" + keyId + "\",\"kty\"");

        SigningKey key = SigningKey.ofJwk(json);

        assertThat(key.keyId()).contains(keyId);
        assertThat(key.algorithm()).isEqualTo(algorithm);
    }

    /** RFC 7523, section 4: all that is in it, and the three claims beside that each assertion here has. */
    @Test
    void writesTheClaimsOfAGrant() throws Exception {
        AssertionSettings settings = AssertionSettings.defaults()
                .withAudience("https://jwt-rp.example.net")
                .withType("JWT")
                .withLifetime(Duration.ofHours(1))
                .withClaim("nbf", 1_300_815_780L)
                .withClaim("http://claims.example.com/member", true)
                .withClock(() -> Instant.ofEpochSecond(1_300_815_780));

        SignedJWT jwt = SignedJWT.parse(Objects.requireNonNull(settings.assertion(
                        SigningKey.ofJwk(EC).withKeyId("16"),
                        "https://jwt-idp.example.com",
                        "mailto:mike@example.com",
                        "https://unused.example")
                .block(Duration.ofSeconds(10))));

        assertThat(jwt.getHeader().toJSONObject()).isEqualTo(Map.of("alg", "ES256", "kid", "16", "typ", "JWT"));
        Map<String, Object> claims = jwt.getPayload().toJSONObject();
        assertThat(claims)
                .containsAllEntriesOf(Map.of(
                        "iss",
                        "https://jwt-idp.example.com",
                        "sub",
                        "mailto:mike@example.com",
                        "aud",
                        "https://jwt-rp.example.net",
                        "nbf",
                        1_300_815_780L,
                        "exp",
                        1_300_819_380L,
                        "http://claims.example.com/member",
                        true));
        assertThat(claims.keySet())
                .isEqualTo(Set.of("iss", "sub", "aud", "nbf", "exp", "http://claims.example.com/member", "iat", "jti"));
    }
}
