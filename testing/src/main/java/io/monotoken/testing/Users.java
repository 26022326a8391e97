package io.monotoken.testing;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

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

    /** Returns whether the login succeeds; a wrong password, an unknown user and a locked account look the same. */
    boolean logIn(String username, String password) {
        Account account = accounts.get(username);
        boolean accepted = account != null && account.logIn(password);
        if (!accepted) {
            wrongPasswords.increment();
        }
        return accepted;
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

        synchronized boolean logIn(String presented) {
            if (isLockedOut()) {
                return false;
            }
            boolean right = password.equals(presented);
            wrongInARow = right ? 0 : wrongInARow + 1;
            return right;
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
