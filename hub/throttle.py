"""How many wrong passwords are too many. Counted in the accounts' database, so that a restarted hub still knows."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hub.accounts import Accounts

WINDOW_SECONDS = 300


@dataclass(frozen=True)
class SignIn:
    """One try: who, from where."""

    username: str
    address: str

    @property
    def limits(self) -> dict[str, int]:
        """Counted keys and their limits in one window.

        A name is shut for the address that guesses it, and much later for all addresses: otherwise anyone could lock
        a classmate out. A whole class may sit behind one address, so an address alone has a wide limit.
        """
        return {
            f"pair:{self.username}@{self.address}": 5,
            f"name:{self.username}": 30,
            f"address:{self.address}": 150,
        }


def is_throttled(accounts: Accounts, sign_in: SignIn) -> bool:
    """Say whether this try must be refused without looking at the password."""
    since = time.time() - WINDOW_SECONDS
    return any(accounts.count_failures(key, since) >= limit for key, limit in sign_in.limits.items())


def checked_sign_in(accounts: Accounts, sign_in: SignIn, password: str) -> bool:
    """Verify a password and remember a failure; a success forgets the pair's and the name's failures."""
    if not accounts.verify(sign_in.username, password):
        accounts.record_failure(tuple(sign_in.limits), time.time() - WINDOW_SECONDS)
        return False
    for key in tuple(sign_in.limits)[:2]:
        accounts.clear_failures(key)
    return True
