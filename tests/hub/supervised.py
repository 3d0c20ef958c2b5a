"""Runs a supervisor over small parts: ``python supervised.py SCENARIO``; the settings come from the environment."""

from __future__ import annotations

import sys

from hub.errors import StartError
from hub.logs import configure_logs
from hub.parts import Part, common_environment
from hub.settings import Settings, ensure_folders
from hub.state import only_supervisor
from hub.supervisor import Supervisor

#: Leaves session, process group and environment behind, as a student's program may.
DETACH = """
import os, sys, time
if os.fork(): time.sleep(600)
os.setsid()
if os.fork(): os._exit(0)
os.execve("/bin/sleep", ["sleep", "4321"], {})
"""


class Gate:
    """Never done, or failed."""

    pid = 0

    def __init__(self, fails: bool) -> None:
        self.fails = fails

    def is_done(self) -> bool:
        if self.fails:
            raise StartError("안 됩니다", "no way")
        return False


def main(scenario: str) -> None:
    settings = Settings()
    ensure_folders(settings)
    configure_logs(settings.logs / "supervisor.log", "INFO")
    code = DETACH if scenario == "detach" else "import time; time.sleep(600)"
    parts = (
        Part("one", (sys.executable, "-c", code), settings.home, environment=common_environment(settings, "one")),
        Part("two", ("sleep", "600"), settings.home, None, True, common_environment(settings, "two")),
    )
    gate = {"closed": Gate(False), "failed": Gate(True)}.get(scenario)
    with only_supervisor(settings):
        Supervisor(settings, parts).run(lambda: print("ready", flush=True), gate)
    print("ended", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
