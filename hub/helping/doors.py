"""The door of one running server: who was let in until when, who came, and its closing on time.

JupyterHub's sharing carries the permission; this writes no scope of its own and gives nobody the right to share. Who
came is read from the tokens that the hub gave out for this server, which nobody enters without.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jupyterhub import orm

Visits = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Door:
    """A helper who may come in, until when."""

    student: str
    helper: str
    until: datetime


@dataclass(frozen=True)
class HelpEvent:
    """A line of the log: ``allowed``, ``entered`` or ``ended``."""

    event: str
    student: str
    helper: str
    at: str


class HelpLog:
    """Lines of JSON, appended and never rewritten; only the hub's own user reads them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __deepcopy__(self, memo: dict[int, object]) -> HelpLog:
        """Be shared, not copied: traitlets copies every configured value for each spawner."""
        return self

    def write(self, event: HelpEvent) -> None:
        """Append a line, and see it on the disk."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(event), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


class LetsHelpersIn:
    """Mixed into a spawner that has ``user``, ``orm_spawner``, ``db``, ``oauth_client_id`` and ``remember``."""

    user: Any
    orm_spawner: Any
    db: Any
    log: Any
    oauth_client_id: str
    help_log: HelpLog | None = None
    #: By token: who came, when, and when they were last seen. Part of the server's saved state.
    visits: Visits

    def doors(self) -> list[Door]:
        """Return who may come in now, by name."""
        doors = [
            Door(str(self.user.name), str(each.user.name), _aware(each.expires_at))
            for each in self._shares()
            if each.expires_at is not None
        ]
        return sorted(doors, key=lambda door: door.helper)

    def let_in(self, helper: Any, minutes: int, now: datetime) -> None:
        """Open the door for a hub user; one that is open already gets this end."""
        share = orm.Share.grant(self.db, self.orm_spawner, helper)
        share.expires_at = (now + timedelta(minutes=minutes)).astimezone(UTC).replace(tzinfo=None)
        self.db.commit()
        self._say("allowed", str(helper.name), now)

    def end_help(self, name: str, now: datetime) -> None:
        """Close the door to somebody: the permission goes, and what they got in with."""
        for share in self._shares():
            if share.user.name == name:
                self._close(share, now)

    def end_all_help(self, now: datetime) -> None:
        """Close the door to everybody: the server stops."""
        for share in self._shares():
            self._close(share, now)

    def look_at_door(self, now: datetime) -> None:
        """Note who came since the last look, and close what is over."""
        self._note_visits(now)
        for share in self._shares():
            if share.expires_at is None or _aware(share.expires_at) <= now:
                self._close(share, now)

    def _note_visits(self, now: datetime) -> None:
        before = json.dumps(self.visits, sort_keys=True)
        for token in self._tokens_of_others():
            key, name = str(token.id), str(token.user.name)
            if key not in self.visits:
                self._say("entered", name, now)
            seen = _aware(token.last_activity or token.created)
            self.visits[key] = {"helper": name, "entered": _aware(token.created).isoformat(), "seen": seen.isoformat()}
        if json.dumps(self.visits, sort_keys=True) != before:
            self.remember()

    def remember(self) -> None:
        """Save the state now."""
        raise NotImplementedError

    def _shares(self) -> list[Any]:
        query = self.db.query(orm.Share).filter_by(spawner_id=self.orm_spawner.id)
        return [share for share in query if share.user is not None]

    def _tokens_of_others(self) -> list[Any]:
        query = self.db.query(orm.APIToken).filter(
            orm.APIToken.client_id == self.oauth_client_id, orm.APIToken.user_id != self.user.id
        )
        return [token for token in query if token.user is not None]

    def _close(self, share: Any, now: datetime) -> None:
        name = str(share.user.name)
        for token in self._tokens_of_others():
            if token.user.name == name:
                self.db.delete(token)
        orm.Share.revoke(self.db, self.orm_spawner, share.user)
        self.db.commit()
        self._say("ended", name, now)

    def _say(self, event: str, helper: str, now: datetime) -> None:
        self.log.info("help: %s %s at the server of %s", helper, event, self.user.name)
        if self.help_log is not None:
            self.help_log.write(HelpEvent(event, str(self.user.name), helper, now.isoformat()))


def _aware(moment: datetime) -> datetime:
    """The hub's database keeps UTC without saying so."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
