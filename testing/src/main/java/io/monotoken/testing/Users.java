package io.monotoken.testing;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/*
 * Shared state  one account per user, each guarded by its own lock; the map never changes.
 * Invariant     `lockOutAfter` wrong passwords in a row lock an account until `unlock`; a right one sets the count to zero.
 */
/** The users who can log in, each with a password and the wrong passwords in a row. */
final class Users {

    private final Map<String, Account> accounts = new HashMap<>();
    private final int lockOutAfter;
    private final LongAdder wrongPasswords = new LongAdder();

    Users(Map<String, String> passwords, int lockOutAfter) {
        this.lockOutAfter = lockOutAfter;
        passwords.forEach((username, password) -> accounts.put(username, new Account(password)));
    }

    /** Returns null when the login succeeds, else why it does not: the server's own record, clients cannot tell these apart. */
    @Nullable
    String logIn(String username, String password) {
        Account account = accounts.get(username);
        String reason = account == null ? "username is that of no registered user" : account.logIn(password);
        if (reason != null) {
            wrongPasswords.increment();
        }
        return reason;
    }

    boolean isPassword(String value) {
        return accounts.values().stream().anyMatch(account -> account.has(value));
    }

    long wrongPasswords() {
        return wrongPasswords.sum();
    }

    void changePassword(String username, String password) {
        account(username).changePassword(password);
    }

    boolean isLockedOut(String username) {
        return account(username).isLockedOut();
    }

    void unlock(String username) {
        account(username).unlock();
    }

    private Account account(String username) {
        Account account = accounts.get(username);
        if (account == null) {
            throw new IllegalArgumentException("no user '" + username + "'; register it with the builder's user(...)");
        }
        return account;
    }

    private final class Account {

        private String password;
        private int wrongInARow;

        Account(String password) {
            this.password = password;
        }

        @Nullable
        synchronized String logIn(String presented) {
            if (isLockedOut()) {
                return "the user is locked out after " + lockOutAfter + " wrong passwords in a row";
            }
            boolean right = has(presented);
            wrongInARow = right ? 0 : wrongInARow + 1;
            return right ? null : "password is wrong";
        }

        synchronized boolean has(String presented) {
            return password.equals(presented);
        }

        synchronized void changePassword(String changed) {
            password = changed;
        }

        synchronized boolean isLockedOut() {
            return wrongInARow >= lockOutAfter;
        }

        synchronized void unlock() {
            wrongInARow = 0;
        }
    }
}
