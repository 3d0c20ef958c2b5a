"""Says which parts of the platform are up, by the supervisor's state and by asking each part itself."""

from __future__ import annotations

import fcntl
import time
from dataclasses import dataclass
from typing import Any

import psutil

from hub.child import answers
from hub.keys import ensure_keys
from hub.parts import make_parts
from hub.settings import Settings
from hub.state import PartState, load_state


@dataclass(frozen=True)
class PartStatus:
    """One part as a person sees it."""

    name: str
    is_up: bool
    pid: int | None
    restarts: int
    address: str


@dataclass(frozen=True)
class Status:
    """The platform: up only if every part is."""

    parts: tuple[PartStatus, ...]
    uptime_seconds: int | None

    @property
    def is_up(self) -> bool:
        """Say whether a supervisor runs and all its parts are well."""
        return self.uptime_seconds is not None and bool(self.parts) and all(part.is_up for part in self.parts)

    def as_json(self) -> dict[str, Any]:
        """Return what ``axcampus status --json`` prints."""
        return {
            "up": self.is_up,
            "uptime_seconds": self.uptime_seconds,
            "parts": {part.name: vars(part) for part in self.parts},
        }


def collect_status(settings: Settings) -> Status:
    """Look at every part now. Writes nothing, also where nothing was ever started."""
    state = load_state(settings)
    if state is None or not is_supervised(settings):
        return Status((), None)
    urls = {part.name: part.health_url for part in make_parts(settings, ensure_keys(settings.secrets))}
    parts = tuple(part_status(settings, name, part, urls.get(name)) for name, part in state.parts.items())
    return Status(parts, int(time.time() - state.started_at))


def is_supervised(settings: Settings) -> bool:
    """Say whether a living supervisor holds the lock of this home."""
    try:
        with (settings.run / "supervisor.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def part_status(settings: Settings, name: str, state: PartState, health_url: str | None) -> PartStatus:
    """Return whether a part is up: its process lives and, if it serves, it answers."""
    is_alive = state.pid is not None and psutil.pid_exists(state.pid)
    is_up = is_alive and (health_url is None or answers(health_url))
    addresses = {"portal": settings.portal_url, "proxy": settings.hub_url, "hub": settings.hub_api_url}
    return PartStatus(name, is_up, state.pid, state.restarts, addresses.get(name, ""))
