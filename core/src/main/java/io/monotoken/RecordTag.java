package io.monotoken;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tag of a shared record, which also hints tell: so siblings know without reading whether a change concerns them, and
 * whether a store that answers has lost what it had. It is sealed where it is written, so that nobody makes one up.
 *
 * @param epoch when the record was first written, in nanoseconds of the store's clock; a record that was lost and begun anew
 *     has a later one
 * @param revision counts the writes of an epoch
 * @param unique tells two writers of the same revision apart
 * @param seal shows that an instance wrote it; null until it is written
 */
record RecordTag(
        long epoch,
        long revision,
        Kind kind,
        String unique,
        @Nullable String seal) {

    private static final Pattern FORM =
            Pattern.compile("([0-9a-f]{1,16})-([0-9a-f]{1,16})-([a-z])-([0-9a-f]{16})-([0-9a-f]{16})");

    /** What the write was for. */
    enum Kind {
        /** Somebody renews the token. */
        LEASE('l'),
        /** Somebody renews the token, since an API rejected it. */
        REJECTED('r'),
        /** There is another token. */
        TOKEN('t'),
        /** There is no other token, for a while. */
        FAILURE('f'),
        /** An operator ended all pauses. */
        RESET('o'),
        /** Nothing that concerns anybody at once. */
        OTHER('n');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }
    }

    /** {@return the tag of a first record} */
    static RecordTag first(long epoch, Kind kind) {
        return new RecordTag(epoch, 1, kind, drawn(), null);
    }

    /** {@return the tag of the record after this one} */
    RecordTag next(Kind next) {
        return new RecordTag(epoch, revision + 1, next, drawn(), null);
    }

    /** {@return whether the store had this before the other one} */
    boolean isBefore(RecordTag other) {
        return epoch != other.epoch ? epoch < other.epoch : revision < other.revision;
    }

    /** It need not be secret, and a SecureRandom may block. */
    private static String drawn() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }

    /**
     * @param key of the record
     * @return this tag as it is in the store
     */
    RecordTag sealed(StoreCipher cipher, String key) {
        return seal != null
                ? this
                : new RecordTag(
                        epoch,
                        revision,
                        kind,
                        unique,
                        cipher.seals(key, content()).get(0));
    }

    /** {@return whether an instance that has one of the keys wrote it for this record} */
    boolean isSealed(StoreCipher cipher, String key) {
        return cipher.seals(key, content()).contains(seal);
    }

    /** {@return the tag that a store or a hint told; null when it has not the form of ours} */
    static @Nullable RecordTag parse(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            for (Kind kind : Kind.values()) {
                if (kind.letter == form.group(3).charAt(0)) {
                    return new RecordTag(
                            Long.parseUnsignedLong(form.group(1), 16),
                            Long.parseUnsignedLong(form.group(2), 16),
                            kind,
                            form.group(4),
                            form.group(5));
                }
            }
        }
        return null;
    }

    private String content() {
        return Long.toHexString(epoch) + "-" + Long.toHexString(revision) + "-" + kind.letter + "-" + unique;
    }

    @Override
    public String toString() {
        return seal == null ? content() : content() + "-" + seal;
    }
}
