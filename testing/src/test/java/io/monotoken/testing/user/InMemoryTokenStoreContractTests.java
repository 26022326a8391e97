package io.monotoken.testing.user;

import io.monotoken.TokenStore;
import io.monotoken.testing.InMemoryTokenStore;
import io.monotoken.testing.TokenStoreContract;

/** The in-memory store, by the kit as an implementer in another package extends it. */
class InMemoryTokenStoreContractTests extends TokenStoreContract {

    @Override
    protected TokenStore store() {
        return new InMemoryTokenStore();
    }

    @Override
    protected TokenStore storeOutOfReach() {
        InMemoryTokenStore store = new InMemoryTokenStore();
        store.stopAnswering();
        return store;
    }
}
