package io.monotoken.spring.autoconfigure;

import java.util.List;

/**
 * What clients are connected to beside their properties.
 *
 * @param details the application's, or the stand-ins' alone: then none of the application's is asked who a client is
 * @param standIn whether tokens come from a stand-in of a test
 * @param standInApi whether requests go to a stand-in of a test
 */
record Connections(List<MonotokenConnectionDetails> details, boolean standIn, boolean standInApi) {

    static Connections of(List<MonotokenConnectionDetails> details) {
        return new Connections(details, false, false);
    }
}
