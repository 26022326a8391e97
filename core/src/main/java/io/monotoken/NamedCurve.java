package io.monotoken;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.Arrays;
import java.util.Optional;

/**
 * The elliptic curves of JSON Web Keys. Told apart by their numbers, since secp256k1 and the curves of Brainpool have sizes that
 * these have, too, and a key may come without a name.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7518#section-6.2.1.1">RFC 7518, section 6.2.1.1</a>
 */
enum NamedCurve {
    P_256("P-256", "secp256r1"),
    P_384("P-384", "secp384r1"),
    P_521("P-521", "secp521r1");

    private final String jwkName;
    private final String jdkName;

    NamedCurve(String jwkName, String jdkName) {
        this.jwkName = jwkName;
        this.jdkName = jdkName;
    }

    String jwkName() {
        return jwkName;
    }

    ECParameterSpec parameters() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(jdkName));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + jdkName, e);
        }
    }

    static Optional<NamedCurve> of(ECParameterSpec spec) {
        return Arrays.stream(values()).filter(curve -> curve.is(spec)).findFirst();
    }

    /** {@return the name of a curve for people} */
    static String shown(ECParameterSpec spec) {
        return of(spec).map(NamedCurve::jwkName)
                .orElseGet(() -> "another one of " + spec.getOrder().bitLength() + " bits");
    }

    private boolean is(ECParameterSpec spec) {
        ECParameterSpec own = parameters();
        return own.getCurve().getField().equals(spec.getCurve().getField())
                && own.getCurve().getA().equals(spec.getCurve().getA())
                && own.getCurve().getB().equals(spec.getCurve().getB())
                && own.getGenerator().equals(spec.getGenerator())
                && own.getOrder().equals(spec.getOrder())
                && own.getCofactor() == spec.getCofactor();
    }
}
