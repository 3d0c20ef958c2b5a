"""When a notebook server is told to end and when it is ended: facts in, decision out, no clock and no network.

The order of the rules is the promise to the person: work is never cut off silently, a lease is kept to its visible end,
a notice always comes first, and whoever comes back before the end keeps the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Reason(StrEnum):
    """Why a server is to end."""

    IDLE = "idle"
    SESSION_OVER = "session-over"


class Step(StrEnum):
    """What to do now."""

    KEEP = "keep"  # and take back a notice
    NOTICE = "notice"  # say when it will end, and why
    STOP = "stop"


@dataclass(frozen=True)
class Rules:
    """The caps of a pool. ``notice``: between telling and doing."""

    idle: timedelta
    session: timedelta
    notice: timedelta = timedelta(minutes=5)
    busy_gpu_percent: float = 5.0


@dataclass(frozen=True)
class Notice:
    """What the person was told."""

    reason: Reason
    stops_at: datetime


@dataclass(frozen=True)
class Server:
    """What is known about a server. None: nobody can say."""

    started_at: datetime
    last_activity: datetime
    has_gpu: bool
    kernel_busy: bool | None
    gpu_percent: float | None
    lease_until: datetime | None = None
    notice: Notice | None = None


@dataclass(frozen=True)
class Decision:
    """What to do, and what the person is told meanwhile."""

    step: Step
    notice: Notice | None = None


KEEP = Decision(Step.KEEP)


def is_working(server: Server, rules: Rules) -> bool:
    """Say whether something runs in a server. Doubt counts as work: an unknown GPU may be in a training."""
    if server.kernel_busy or (server.gpu_percent or 0) >= rules.busy_gpu_percent:
        return True
    return server.kernel_busy is None and (server.has_gpu and server.gpu_percent is None)


def decide(server: Server, rules: Rules, now: datetime) -> Decision:
    """Return what to do with a server now."""
    if server.lease_until is not None and now < server.lease_until:
        return KEEP
    reason = _reason_to_end(server, rules, now)
    if reason is None:
        return KEEP
    notice = server.notice if server.notice and server.notice.reason is reason else Notice(reason, now + rules.notice)
    if now < notice.stops_at or is_working(server, rules):
        return Decision(Step.NOTICE, notice)
    return Decision(Step.STOP, notice)


def _reason_to_end(server: Server, rules: Rules, now: datetime) -> Reason | None:
    if now - server.started_at >= rules.session - rules.notice:
        return Reason.SESSION_OVER
    if not is_working(server, rules) and now - server.last_activity >= rules.idle:
        return Reason.IDLE
    return None


def lease_end(server: Server, asked: timedelta, longest: timedelta, now: datetime) -> datetime:
    """Return until when a lease may run: as long as was asked, never beyond ``longest`` after the start."""
    return min(now + asked, server.started_at + longest)


def words(notice: Notice, clock: str) -> tuple[str, str]:
    """Return what a person reads, Korean and English. ``clock``: the end in Korean time, such as ``14:35``."""
    if notice.reason is Reason.IDLE:
        return (
            f"한동안 쓰지 않아 {clock}에 이 서버를 끕니다. 계속 쓰면 끄지 않습니다. 파일은 그대로 남습니다.",
            f"Not used for a while: this server stops at {clock}. Keep working and it stays. Your files are kept.",
        )
    return (
        f"정해진 사용 시간이 끝났습니다. {clock} 이후 작업이 멈추면 이 서버를 끕니다. 파일은 그대로 남습니다.",
        f"The session is over: this server stops once it is idle after {clock}. Please save. Your files are kept.",
    )
