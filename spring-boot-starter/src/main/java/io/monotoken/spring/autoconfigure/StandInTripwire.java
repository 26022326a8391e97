package io.monotoken.spring.autoconfigure;

import io.monotoken.TokenSource;
import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Refuses a token source of the application's own that would ask another machine for tokens while the context has a stand-in:
 * a test has forgotten to replace it, and would send real credentials.
 */
final class StandInTripwire implements BeanPostProcessor {

    private final ListableBeanFactory beans;

    StandInTripwire(ListableBeanFactory beans) {
        this.beans = beans;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof TokenSource source) {
            URI uri = source.tokenUri();
            if (uri != null && !isLoopback(uri.getHost()) && isStandInThere()) {
                throw new InvalidClientException(new Problem(
                        "the bean '" + name + "' would get tokens from " + shown(uri)
                                + " although there is a stand-in bean: a test must not send credentials to a provider",
                        "Replace the bean in the test by TokenSource.fixed(...) or with @MockitoBean, give it the"
                                + " tokenUri() of the stand-in, or declare no stand-in"));
            }
        }
        return bean;
    }

    /** Without user info and query, which may hold a secret. */
    private static String shown(URI uri) {
        return uri.toString().replaceFirst("[?#].*", "").replaceFirst("//[^/]*@", "//");
    }

    private boolean isStandInThere() {
        return isThere(StandInTokenServer.class) || isThere(StandInApi.class);
    }

    private boolean isThere(Class<?> type) {
        return BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, type, true, false).length > 0;
    }

    private static boolean isLoopback(@Nullable String host) {
        return host != null
                && (host.toLowerCase(Locale.ROOT).matches("localhost|127(\\.[0-9]{1,3}){3}")
                        || host.matches("\\[[0:]*:0{0,3}1]"));
    }
}
