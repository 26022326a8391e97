package io.monotoken.micrometer;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/** The observations of the token client. */
public enum TokenRequestObservationDocumentation implements ObservationDocumentation {

    /**
     * One request to a token endpoint, from just before connecting to the end of the answer. It has no parent: whoever
     * happened to be the first to need the token is not its cause.
     */
    TOKEN_REQUEST {
        @Override
        public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
            return DefaultTokenRequestObservationConvention.class;
        }

        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return LowCardinalityKeyNames.values();
        }
    };

    /** Keys with few values. */
    public enum LowCardinalityKeyNames implements KeyName {

        /** The client's name. */
        CLIENT {
            @Override
            public String asString() {
                return "client";
            }
        },

        /** {@code refresh_token}, or the type of the primary grant. */
        GRANT {
            @Override
            public String asString() {
                return "grant";
            }
        },

        /** {@code SUCCESS}, {@code REJECTED}, {@code UNAVAILABLE} or {@code MALFORMED}; until then {@code UNKNOWN}. */
        OUTCOME {
            @Override
            public String asString() {
                return "outcome";
            }
        },

        /**
         * The OAuth error code (RFC 6749, section 5.2), {@code _OTHER} for one that no standard knows, else the
         * answer's status of 400 or above, else the kind of the exception; {@code none} after a success.
         */
        ERROR_TYPE {
            @Override
            public String asString() {
                return "error.type";
            }
        }
    }
}
