"""What happens besides starting parts: the accounts, and in a process of its own the portal's database."""

from __future__ import annotations

import subprocess
import sys
import time

from hub.errors import StartError
from hub.parts import common_environment
from hub.settings import Settings

PREPARE_SECONDS = 300.0


class Preparation:
    """``hub.prepare`` running beside the hub's start; the parts that use the database wait for it."""

    def __init__(self, settings: Settings) -> None:
        self._log_path = settings.logs / "prepare.log"
        self._deadline = time.monotonic() + PREPARE_SECONDS
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hub.prepare"],
                env=common_environment(settings, "prepare"),
                cwd=settings.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def is_done(self) -> bool:
        """Say whether the database is ready; raises with the place of the log if it could not be made so."""
        status = self._process.poll()
        if status is None and time.monotonic() < self._deadline:
            return False
        if status == 0:
            return True
        raise StartError(
            f"데이터베이스를 준비하지 못했습니다. 저장된 것은 그대로입니다. 원인은 {self._log_path}의 끝에 있습니다.",
            f"The database could not be prepared; what is stored is safe. The cause is at the end of {self._log_path}.",
        )
