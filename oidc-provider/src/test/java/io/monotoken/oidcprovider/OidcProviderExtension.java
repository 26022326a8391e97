package io.monotoken.oidcprovider;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts one server for all tests and stops it after the last; without Node the tests are skipped, but not in CI. */
final class OidcProviderExtension implements ParameterResolver, ExecutionCondition {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (Node.isThere()) {
            return ConditionEvaluationResult.enabled("node and npm are there");
        }
        if (System.getenv("CI") != null) {
            throw new IllegalStateException(Node.MISSING + "; CI must have it");
        }
        return ConditionEvaluationResult.disabled(Node.MISSING);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == OidcProvider.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(OidcProvider.class))
                .computeIfAbsent(OidcProvider.class, key -> OidcProvider.started(), OidcProvider.class);
    }
}
