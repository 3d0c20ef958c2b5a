"""Local accounts: names and Argon2 hashes in one SQLite file that belongs to the hub, for installations without OIDC.

The portal never opens this file: a person's data and roles live there, a person's password only here.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pwdlib import PasswordHash

USERNAME = re.compile(r"[a-z][a-z0-9._-]{0,30}[a-z0-9]")
MIN_PASSWORD, MAX_PASSWORD = 10, 200

#: Without l, o, 0, 1: a password that is read from a sheet of paper is typed right at the first try.
TYPEABLE_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"
PASSWORD_GROUPS, PASSWORD_GROUP = 4, 4

_SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
  username TEXT PRIMARY KEY, password_hash TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,
  created_at REAL NOT NULL, changed_at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS attempt (key TEXT NOT NULL, at REAL NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS attempt_key ON attempt (key, at);
CREATE TABLE IF NOT EXISTS system_user (number INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL UNIQUE) STRICT;
"""

_HASH = PasswordHash.recommended()

#: Verified when a name is unknown, so that the answer takes as long as for a known one.
_NOBODY = _HASH.hash(secrets.token_hex(16))


class AccountError(Exception):
    """Something about an account that a person can mend; the text says it in both languages."""


@dataclass(frozen=True)
class Account:
    """What may be shown of an account. Times are Unix seconds."""

    username: str
    disabled: bool
    created_at: float
    changed_at: float


def make_password() -> str:
    """Return a strong random password that people can type: four groups of four, 80 bits."""
    groups = ("".join(secrets.choice(TYPEABLE_SIGNS) for _ in range(PASSWORD_GROUP)) for _ in range(PASSWORD_GROUPS))
    return "-".join(groups)


def checked_username(username: str) -> str:
    """Return ``username``; raises unless it can also name a folder and a route."""
    if not USERNAME.fullmatch(username):
        raise AccountError(
            f"아이디 {username!r}: 영문 소문자로 시작하고 소문자·숫자·. _ - 만 쓰는 2~32자여야 합니다. / "
            "A user name is 2 to 32 small letters, digits, dots, _ or -, and starts with a letter."
        )
    return username


def checked_password(username: str, password: str) -> str:
    """Return ``password``; raises if it is too short, too long, the user name, or one sign over and over."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise AccountError(
            f"비밀번호는 {MIN_PASSWORD}자 이상 {MAX_PASSWORD}자 이하여야 합니다. / "
            f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters."
        )
    if username in password.lower() or len(set(password)) < 5:
        raise AccountError("너무 쉬운 비밀번호입니다. 다른 것을 쓰십시오. / That password is too easy to guess.")
    return password


class Accounts:
    """All accounts of one installation. Threads and processes may share it: every call has its own connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch(mode=0o600, exist_ok=True)
        with self._connection() as connection:
            connection.executescript(_SCHEMA)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=10)) as connection, connection:
            yield connection

    def create(self, username: str, password: str) -> None:
        """Add an account; raises if the name is taken or either value is not allowed."""
        checked_username(username)
        hashed, now = _HASH.hash(checked_password(username, password)), time.time()
        try:
            with self._connection() as connection:
                connection.execute("INSERT INTO account VALUES (?, ?, 0, ?, ?)", (username, hashed, now, now))
        except sqlite3.IntegrityError as error:
            raise AccountError(f"아이디 {username}은(는) 이미 있습니다. / The name {username} is taken.") from error

    def set_password(self, username: str, password: str) -> None:
        """Replace a password; raises if there is no such account. Earlier failures no longer count."""
        hashed = _HASH.hash(checked_password(username, password))
        self._update(username, "password_hash = ?, changed_at = ?", (hashed, time.time()))

    def set_disabled(self, username: str, disabled: bool) -> None:
        """Shut or open an account without losing it."""
        self._update(username, "disabled = ?", (int(disabled),))

    def remove(self, username: str) -> None:
        """Take back an account that was just made and that the portal did not accept; its system number stays."""
        with self._connection() as connection:
            connection.execute("DELETE FROM account WHERE username = ?", (username,))

    def _update(self, username: str, change: str, values: tuple[object, ...]) -> None:
        with self._connection() as connection:
            statement = f"UPDATE account SET {change} WHERE username = ?"  # noqa: S608 - change is one of two literals
            if connection.execute(statement, (*values, username)).rowcount != 1:
                raise AccountError(f"아이디 {username}이(가) 없습니다. / There is no account {username}.")

    def verify(self, username: str, password: str) -> bool:
        """Say whether the password is right and the account open; takes equally long for an unknown name."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT password_hash FROM account WHERE username = ? AND NOT disabled", (username,)
            ).fetchone()
        return _HASH.verify(password[:MAX_PASSWORD], row[0] if row else _NOBODY) and row is not None

    def get(self, username: str) -> Account | None:
        """Return one account, or None."""
        return next((account for account in self.list_all() if account.username == username), None)

    def list_all(self) -> list[Account]:
        """Return all accounts by name."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT username, disabled, created_at, changed_at FROM account ORDER BY username"
            )
            return [Account(name, bool(disabled), created, changed) for name, disabled, created, changed in rows]

    def system_number(self, username: str) -> int:
        """Return a person's own number from 1 on, the same for ever: where root runs the hub, it makes the user id."""
        with self._connection() as connection:
            connection.execute("INSERT OR IGNORE INTO system_user (username) VALUES (?)", (username,))
            row = connection.execute("SELECT number FROM system_user WHERE username = ?", (username,)).fetchone()
        return int(row[0])

    # failed sign-ins -----------------------------------------------------------------------------
    def count_failures(self, key: str, since: float) -> int:
        """Return how many sign-ins under ``key`` failed since a time (Unix seconds)."""
        with self._connection() as connection:
            row = connection.execute("SELECT count(*) FROM attempt WHERE key = ? AND at > ?", (key, since)).fetchone()
        return int(row[0])

    def record_failure(self, keys: tuple[str, ...], forget_before: float) -> None:
        """Note a failed sign-in under several keys and drop what is too old to count."""
        with self._connection() as connection:
            connection.execute("DELETE FROM attempt WHERE at <= ?", (forget_before,))
            connection.executemany("INSERT INTO attempt VALUES (?, ?)", [(key, time.time()) for key in keys])

    def clear_failures(self, key: str) -> None:
        """Forget the failures under one key."""
        with self._connection() as connection:
            connection.execute("DELETE FROM attempt WHERE key = ?", (key,))
