"""What happens before the parts start: keys, accounts, and in a process of its own the portal's database."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

from hub.accounts import Accounts
from hub.demo_data import NewAccount, ensure_accounts
from hub.errors import StartError
from hub.keys import Keys, ensure_keys
from hub.parts import common_environment
from hub.settings import Settings

PREPARE_SECONDS = 300


@dataclass(frozen=True, repr=False)
class Prepared:
    """What the start made."""

    keys: Keys
    new_accounts: list[NewAccount]


def prepare(settings: Settings) -> Prepared:
    """Make everything that the parts expect; does nothing that was done before."""
    keys = ensure_keys(settings.secrets)
    run_prepare(settings)
    accounts = Accounts(settings.accounts_path)
    return Prepared(keys, ensure_accounts(accounts) if settings.demo else [])


def run_prepare(settings: Settings) -> None:
    """Run ``hub.prepare``; raises with the place of its log if it fails."""
    log_path = settings.logs / "prepare.log"
    with log_path.open("ab") as log:
        done = subprocess.run(
            [sys.executable, "-m", "hub.prepare"],
            env=common_environment(settings, "prepare"),
            cwd=settings.home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            timeout=PREPARE_SECONDS,
            check=False,
        )
    if done.returncode != 0:
        raise StartError(
            f"데이터베이스를 준비하지 못했습니다. 바뀐 것은 없습니다. 원인은 {log_path}의 끝에 있습니다.",
            f"The database could not be prepared; nothing was changed. The cause is at the end of {log_path}.",
        )
