package io.monotoken.micrometer;

import io.micrometer.common.KeyValues;
import io.monotoken.TokenException;
import io.monotoken.micrometer.TokenRequestObservationDocumentation.LowCardinalityKeyNames;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The default names and keys of observed token requests: {@code monotoken.token.request}. */
public class DefaultTokenRequestObservationConvention implements TokenRequestObservationConvention {

    /** Makes the default convention. */
    public DefaultTokenRequestObservationConvention() {}

    @Override
    public String getName() {
        return "monotoken.token.request";
    }

    @Override
    public String getContextualName(TokenRequestObservationContext context) {
        return "token request " + context.client();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(TokenRequestObservationContext context) {
        return KeyValues.of(
                LowCardinalityKeyNames.CLIENT.withValue(context.client()),
                LowCardinalityKeyNames.GRANT.withValue(context.grantType()),
                LowCardinalityKeyNames.OUTCOME.withValue(outcome(context)),
                LowCardinalityKeyNames.ERROR_TYPE.withValue(errorType(context.failure())));
    }

    private static String outcome(TokenRequestObservationContext context) {
        if (!context.isAnswered()) {
            return "UNKNOWN"; // handlers that count requests in flight ask when one starts
        }
        TokenException failure = context.failure();
        return failure == null ? "SUCCESS" : failure.getClass().getSimpleName().toUpperCase(Locale.ROOT);
    }

    private static String errorType(@Nullable TokenException failure) {
        if (failure == null) {
            return "none";
        }
        int status = failure.status().orElse(0);
        return failure.error()
                .map(code -> TokenException.REGISTERED_ERRORS.contains(code)
                        ? code
                        : "_OTHER") // any other is the server's word, and unbounded
                .orElse(
                        status >= 400
                                ? String.valueOf(status)
                                : failure.getClass().getSimpleName());
    }
}
