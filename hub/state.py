"""What the supervisor says about itself in ``var/run``: a lock that one holds, and a file that ``status`` reads."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from hub.errors import StartError
from hub.settings import Settings


class PartState(BaseModel):
    """One part: its process and how often it had to be started again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pid: int | None
    restarts: int
    waiting: bool = False  # for the next try
    has_health: bool = False


class SupervisorState(BaseModel):
    """The supervisor and its parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pid: int
    started_at: float
    parts: dict[str, PartState]


def state_path(settings: Settings) -> Path:
    """Return where the state is kept."""
    return settings.run / "state.json"


def save_state(settings: Settings, state: SupervisorState) -> None:
    """Write the state so that a reader sees the old or the new one, never half of it."""
    path = state_path(settings)
    draft = path.with_suffix(".tmp")
    draft.write_text(state.model_dump_json(indent=1), encoding="utf-8")
    draft.replace(path)


def load_state(settings: Settings) -> SupervisorState | None:
    """Read the state; None if no supervisor has written one."""
    try:
        return SupervisorState.model_validate_json(state_path(settings).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValidationError):
        return None


@contextmanager
def only_supervisor(settings: Settings) -> Iterator[None]:
    """Hold the lock of this home; raises if another supervisor does. The kernel drops it however we end."""
    with (settings.run / "supervisor.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartError(
                f"이 폴더({settings.home})의 플랫폼이 이미 실행 중입니다. 주소: {settings.portal_url}",
                f"The platform of this folder ({settings.home}) is already running at {settings.portal_url}",
            ) from error
        yield


def json_text(value: object) -> str:
    """Encode for programs: readable, Korean as it is."""
    return json.dumps(value, ensure_ascii=False, indent=2)
