"""The part of a spawner that ends an unused server: gathers facts, asks the policy, remembers what was told.

It rides on the hub's own polling of every running server, so there is no second process with rights over servers, and a
new hub goes on where the old one stopped: notice and lease are in the server's saved state.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hub.culling.gpu_use import GpuUse
from hub.culling.policy import Notice, Reason, Rules, Server, Step, decide, lease_end, words
from spawner_config.compute import Pool
from spawner_config.settings import NotebookSettings

#: A server tells the hub of its activity every five minutes; a kernel that works counts as activity.
RECENT = timedelta(minutes=6)

KOREA = ZoneInfo("Asia/Seoul")


def knows_kernels(pool: Pool, gpu_percent: float | None) -> bool:
    """Say whether silence of the kernels means that nothing works.

    Not for a GPU of one's own that nobody measures: a program in a terminal may be training on it. On a time-sliced
    seat a measurement would be the neighbours' too, so there silence has to do, with the notice before it.
    """
    return not pool.has_gpu or pool.isolation == "shared" or gpu_percent is not None


def kernel_state(pool: Pool, idle: timedelta, gpu_percent: float | None) -> bool | None:
    """Return whether kernels work; None if silence says nothing."""
    if idle < RECENT:
        return True
    return False if knows_kernels(pool, gpu_percent) else None


def aware(moment: datetime | None, now: datetime) -> datetime:
    """The hub's database keeps UTC without saying so."""
    return moment.replace(tzinfo=UTC) if moment else now


class EndsWhenUnused:
    """Mixed into a spawner that has ``settings``, ``pool``, ``pod_name``, ``orm_spawner`` and ``stop``."""

    settings: NotebookSettings
    pod_name: str
    orm_spawner: Any
    log: Any
    db: Any
    notice: Notice | None = None
    lease_until: datetime | None = None
    gpu_use: GpuUse | None = None

    @property
    def pool(self) -> Pool:
        """The pool of the server's profile."""
        raise NotImplementedError

    @property
    def rules(self) -> Rules:
        """The caps of this server's pool."""
        culling = self.settings.culling
        return Rules(
            idle=timedelta(minutes=self.pool.idle_minutes),
            session=timedelta(hours=self.pool.session_hours),
            notice=timedelta(minutes=culling.notice_minutes),
            busy_gpu_percent=culling.busy_gpu_percent,
        )

    async def facts(self, now: datetime) -> Server:
        """Gather what is known about the server."""
        cls = type(self)
        if cls.gpu_use is None:
            cls.gpu_use = GpuUse(self.settings.culling.prometheus_url, self.settings.namespace)
        measured = self.pool.has_gpu and self.pool.isolation != "shared"
        percent = await cls.gpu_use.percent_of(self.pod_name) if measured else None
        last = aware(self.orm_spawner.last_activity, now)
        return Server(
            started_at=aware(self.orm_spawner.started, now),
            last_activity=last,
            has_gpu=self.pool.has_gpu,
            kernel_busy=kernel_state(self.pool, now - last, percent),
            gpu_percent=percent,
            lease_until=self.lease_until,
            notice=self.notice,
        )

    async def must_end(self, now: datetime) -> bool:
        """Decide, remember what the person is told, and say whether the server is to be stopped now."""
        if not self.settings.culling.enabled:
            return False
        decision = decide(await self.facts(now), self.rules, now)
        if decision.notice != self.notice:
            self.notice = decision.notice
            self.remember()
        if decision.step is Step.STOP and decision.notice:
            self.log.info("ending %s: %s, told before", self.pod_name, decision.notice.reason)
        return decision.step is Step.STOP

    async def take_lease(self, hours: float, now: datetime) -> None:
        """Keep the server for some hours, visibly and never past the longest session; a notice of idleness goes."""
        longest = timedelta(hours=self.settings.culling.longest_lease_hours)
        self.lease_until = lease_end(await self.facts(now), timedelta(hours=hours), longest, now)
        self.notice = None
        self.remember()

    def ending_view(self) -> dict[str, str | None]:
        """Return what the person is shown: when it ends and why, in both languages, and until when it is kept."""
        lease = self.lease_until.isoformat() if self.lease_until else None
        if self.notice is None:
            return {"stops_at": None, "reason": None, "ko": None, "en": None, "lease_until": lease}
        clock = self.notice.stops_at.astimezone(KOREA).strftime("%H:%M")
        korean, english = words(self.notice, clock)
        stops_at, reason = self.notice.stops_at.isoformat(), self.notice.reason.value
        return {"stops_at": stops_at, "reason": reason, "ko": korean, "en": english, "lease_until": lease}

    # saved state ------------------------------------------------------------------------------------
    def ending_state(self) -> dict[str, Any]:
        """Return what a new hub needs to go on."""
        notice = asdict(self.notice) | {"stops_at": self.notice.stops_at.isoformat()} if self.notice else None
        return {"notice": notice, "lease_until": self.lease_until.isoformat() if self.lease_until else None}

    def load_ending_state(self, state: dict[str, Any]) -> None:
        """Take up what an earlier hub told and granted."""
        notice, lease = state.get("notice"), state.get("lease_until")
        self.notice = Notice(Reason(notice["reason"]), datetime.fromisoformat(notice["stops_at"])) if notice else None
        self.lease_until = datetime.fromisoformat(lease) if lease else None

    def forget_ending(self) -> None:
        """Begin anew: a new server has neither notice nor lease."""
        self.notice = self.lease_until = None

    def remember(self) -> None:
        """Save the state now: the hub itself does so only at starts and stops."""
        self.orm_spawner.state = self.get_state()  # type: ignore[attr-defined]  # a spawner's
        self.db.commit()
