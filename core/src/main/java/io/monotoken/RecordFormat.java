package io.monotoken;

import io.monotoken.StoreCipher.UnreadableException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * Shared records as JSON, before encryption. Members that are not known are left out when read: instances of two versions may
 * share a record for a while.
 */
final class RecordFormat {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Knows its deserializers; a mapper looks for them when it reads first, behind a lock that event loops would wait for. */
    private static final ObjectReader READER = JSON.readerFor(Map.class);

    private RecordFormat() {}

    static String write(SharedRecord shared) {
        Members all = new Members();
        all.put("generation", shared.generation());
        all.put("token", members(shared.token()));
        all.put("refresh", members(shared.refreshToken()));
        all.put("lease", members(shared.lease()));
        all.put("failure", members(shared.failure()));
        all.put("rejected", shared.isRejected());
        all.put("forcedFrom", shared.forcedFrom());
        all.put("passwordSpent", shared.passwordSpent());
        all.put("accepted", text(shared.accepted()));
        all.put("presented", text(shared.presented()));
        return JSON.writeValueAsString(all.values);
    }

    static SharedRecord record(String json) throws UnreadableException {
        return read(
                json,
                all -> SharedRecord.of(draft -> {
                    draft.generation = all.number("generation");
                    draft.token = token(all.members("token"));
                    draft.refreshToken = refreshToken(all.members("refresh"));
                    Members lease = all.members("lease");
                    draft.lease =
                            lease == null ? null : new SharedRecord.Lease(lease.text("owner"), lease.number("until"));
                    draft.failure = failure(all.members("failure"));
                    draft.rejected = all.flag("rejected");
                    draft.forcedFrom = all.number("forcedFrom");
                    draft.passwordSpent = all.flag("passwordSpent");
                    draft.accepted = fingerprint(all.optional("accepted"));
                    draft.presented = fingerprint(all.optional("presented"));
                }));
    }

    static String write(SharedAccount account) {
        LoginHistory history = account.history();
        Members all = new Members();
        all.put(
                "refused",
                history.refused().entrySet().stream().map(RecordFormat::members).toList());
        all.put("lastRefusal", members(history.lastRefusal()));
        all.put("day", history.day());
        all.put("lost", history.lost());
        all.put("lostUntil", history.lostUntil());
        SharedAccount.InFlight inFlight = account.inFlight();
        if (inFlight != null) {
            Members sent = new Members();
            sent.put("fingerprint", text(inFlight.fingerprint()));
            sent.put("owner", inFlight.owner());
            sent.put("until", inFlight.until());
            all.put("inFlight", sent.values);
        }
        return JSON.writeValueAsString(all.values);
    }

    static SharedAccount account(String json, LockOutSettings settings) throws UnreadableException {
        return read(json, all -> {
            Members sent = all.members("inFlight");
            return new SharedAccount(
                    LoginHistory.empty(settings).with(next -> {
                        all.list("refused").forEach(item -> refuse(next, new Members(item)));
                        Members last = all.members("lastRefusal");
                        next.lastRefusal = last == null ? null : (TokenException.Rejected) exception(last);
                        next.day = all.numbers("day");
                        next.lost = (int) all.number("lost");
                        next.lostUntil = all.number("lostUntil");
                    }),
                    sent == null
                            ? null
                            : new SharedAccount.InFlight(
                                    Objects.requireNonNull(fingerprint(sent.text("fingerprint"))),
                                    sent.text("owner"),
                                    sent.number("until")));
        });
    }

    private static @Nullable Map<String, Object> members(SharedRecord.@Nullable SharedToken token) {
        if (token == null) {
            return null;
        }
        Members all = new Members();
        all.put("value", token.value());
        all.put("scopes", token.scopes());
        all.put("issuedAt", token.issuedAt());
        all.put("life", token.life());
        all.put("attributes", token.attributes());
        all.put("by", token.obtainedBy());
        return all.values;
    }

    private static SharedRecord.@Nullable SharedToken token(@Nullable Members all) {
        if (all == null) {
            return null;
        }
        Members attributes = all.members("attributes");
        return new SharedRecord.SharedToken(
                all.text("value"),
                all.scopes(),
                all.number("issuedAt"),
                all.number("life"),
                attributes == null ? Map.of() : attributes.values,
                all.text("by"));
    }

    private static @Nullable Map<String, Object> members(@Nullable RefreshToken token) {
        if (token == null) {
            return null;
        }
        Members all = new Members();
        all.put("value", token.value());
        all.put("scopes", token.scopes());
        all.put("provenByGrant", token.provenByGrant());
        all.put("expiry", token.expiry() == Long.MAX_VALUE ? null : token.expiry());
        return all.values;
    }

    private static @Nullable RefreshToken refreshToken(@Nullable Members all) {
        return all == null
                ? null
                : new RefreshToken(
                        all.text("value"),
                        all.scopes(),
                        all.flag("provenByGrant"),
                        all.values.get("expiry") == null ? Long.MAX_VALUE : all.number("expiry"));
    }

    private static @Nullable Map<String, Object> members(SharedRecord.@Nullable Lease lease) {
        if (lease == null) {
            return null;
        }
        Members all = new Members();
        all.put("owner", lease.owner());
        all.put("until", lease.until());
        return all.values;
    }

    private static @Nullable Map<String, Object> members(SharedRecord.@Nullable Failure failure) {
        if (failure == null) {
            return null;
        }
        Members all = new Members();
        all.put("exception", members(failure.exception()));
        all.put("cause", failure.cause().name());
        all.put("from", failure.from());
        all.put("until", failure.until());
        all.put("nothingFrom", failure.nothingFrom());
        all.put("failures", failure.failures());
        return all.values;
    }

    private static SharedRecord.@Nullable Failure failure(@Nullable Members all) {
        return all == null
                ? null
                : new SharedRecord.Failure(
                        exception(Objects.requireNonNull(all.members("exception"))),
                        FailureCause.valueOf(all.text("cause")),
                        all.number("from"),
                        all.number("until"),
                        all.number("nothingFrom"),
                        (int) all.number("failures"));
    }

    private static @Nullable Map<String, Object> members(@Nullable TokenException exception) {
        if (exception == null) {
            return null;
        }
        Members all = new Members();
        all.put("kind", exception.getClass().getSimpleName());
        all.put("text", exception.text());
        all.put("status", exception.failure().status());
        all.put("error", exception.failure().error());
        return all.values;
    }

    private static TokenException exception(Members all) {
        TokenException.Failure facts =
                new TokenException.Failure((int) all.number("status"), all.optional("error"), null);
        return switch (all.text("kind")) {
            case "Rejected" -> new TokenException.Rejected(all.text("text"), null, facts);
            case "Malformed" -> new TokenException.Malformed(all.text("text"), null, facts);
            default -> new TokenException.Unavailable(all.text("text"), null, facts);
        };
    }

    private static Map<String, Object> members(Map.Entry<Fingerprint, LoginHistory.Refusal> refused) {
        Members all = new Members();
        all.put("fingerprint", text(refused.getKey()));
        all.put("sends", refused.getValue().sends());
        all.put("until", refused.getValue().until());
        all.put("exception", members(refused.getValue().exception()));
        return all.values;
    }

    private static void refuse(LoginHistory.Draft next, Members all) {
        next.refuse(
                Objects.requireNonNull(fingerprint(all.text("fingerprint"))),
                new LoginHistory.Refusal((int) all.number("sends"), all.number("until"), (TokenException.Rejected)
                        exception(Objects.requireNonNull(all.members("exception")))));
    }

    private static @Nullable String text(@Nullable Fingerprint fingerprint) {
        return fingerprint == null
                ? null
                : Base64.getEncoder().encodeToString(fingerprint.hash().array());
    }

    private static @Nullable Fingerprint fingerprint(@Nullable String text) {
        return text == null
                ? null
                : new Fingerprint(ByteBuffer.wrap(Base64.getDecoder().decode(text)));
    }

    private interface Reader<T> {
        T read(Members all);
    }

    @SuppressWarnings("unchecked")
    private static <T> T read(String json, Reader<T> reader) throws UnreadableException {
        try {
            return reader.read(new Members(READER.readValue(json)));
        } catch (JacksonException | IllegalArgumentException | ClassCastException | NullPointerException e) {
            throw new UnreadableException(
                    "another version of Monotoken wrote it (" + e.getClass().getSimpleName() + ")");
        }
    }

    /** The members of a JSON object; one that is null is left out. */
    private record Members(Map<String, Object> values) {

        Members() {
            this(new LinkedHashMap<>());
        }

        void put(String name, @Nullable Object value) {
            if (value != null) {
                values.put(name, value);
            }
        }

        String text(String name) {
            return (String) Objects.requireNonNull(values.get(name), name);
        }

        @Nullable
        String optional(String name) {
            return (String) values.get(name);
        }

        long number(String name) {
            return ((Number) Objects.requireNonNull(values.get(name), name)).longValue();
        }

        boolean flag(String name) {
            return Boolean.TRUE.equals(values.get(name));
        }

        @SuppressWarnings("unchecked")
        @Nullable
        Members members(String name) {
            Object value = values.get(name);
            return value == null ? null : new Members((Map<String, Object>) value);
        }

        @SuppressWarnings("unchecked")
        List<Map<String, Object>> list(String name) {
            Object value = values.get(name);
            return value == null ? List.of() : (List<Map<String, Object>>) value;
        }

        @SuppressWarnings("unchecked")
        List<Long> numbers(String name) {
            List<Long> numbers = new ArrayList<>();
            Object value = values.get(name);
            if (value != null) {
                ((List<Number>) value).forEach(number -> numbers.add(number.longValue()));
            }
            return List.copyOf(numbers);
        }

        @SuppressWarnings("unchecked")
        Set<String> scopes() {
            return ScopeSet.of((List<String>) Objects.requireNonNull(values.get("scopes"), "scopes"));
        }
    }
}
