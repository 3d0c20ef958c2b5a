"""Tells the portal what notebook servers do, at least once and in order, without ever holding up a server.

An event is first a file in a spool folder, then a request to the portal; what could not be delivered goes with the
next one. The token stays in the hub's process and never reaches a server's environment.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import requests

TIMEOUT_SECONDS = 5
MAX_SPOOLED = 10_000

_log = logging.getLogger(__name__)


class ServerEvent(StrEnum):
    """What happened to a notebook server."""

    STARTED = "started"  # asked for and being started
    READY = "ready"  # answers requests
    FAILED = "failed"  # did not start
    STOPPED = "stopped"


@dataclass(frozen=True)
class HubEvent:
    """One event as the portal receives it. ``session_id`` joins the events of one server's life."""

    event: ServerEvent
    username: str
    session_id: str
    server_name: str = ""
    profile: str = "cpu"
    event_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())


class EventPost:
    """Delivers events from a spool folder to the portal on one background thread."""

    def __init__(self, spool: Path, url: str, token: str) -> None:
        self._spool, self._url, self._token = spool, url, token
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hub-events")
        self._number, self._lock = 0, threading.Lock()
        spool.mkdir(parents=True, exist_ok=True, mode=0o700)

    def __deepcopy__(self, memo: dict[int, object]) -> EventPost:
        """Be shared, not copied: traitlets copies every configured value for each spawner."""
        return self

    def send(self, event: HubEvent) -> None:
        """Keep the event in the spool and have it delivered soon."""
        with self._lock:
            self._number += 1
            stamp = event.at.replace(":", "").replace("+", "")
            path = self._spool / f"{stamp}-{self._number:06d}-{event.event_id}.json"
        path.write_text(json.dumps(asdict(event)), encoding="utf-8")
        self._thread.submit(self.deliver_all)

    def close(self) -> None:
        """Wait until what was asked for has been tried; the spool keeps the rest."""
        self._thread.shutdown(wait=True)

    def deliver_all(self) -> None:
        """Deliver what is in the spool, oldest first, until the portal can't be reached."""
        waiting = sorted(self._spool.glob("*.json"))
        for path in waiting[: len(waiting) - MAX_SPOOLED] if len(waiting) > MAX_SPOOLED else []:
            path.unlink(missing_ok=True)
        for path in waiting:
            if path.exists() and not self._deliver(path):
                return

    def _deliver(self, path: Path) -> bool:
        """Deliver one file; False if it should be tried again later."""
        try:
            answer = requests.post(
                self._url,
                data=path.read_bytes(),
                headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
                timeout=TIMEOUT_SECONDS,
            )
        except requests.RequestException as error:
            _log.info("portal not reached, event kept: %s", type(error).__name__)
            return False
        if answer.status_code >= 500 or answer.status_code in (401, 403, 404, 429):
            _log.warning("portal answered %s, event kept", answer.status_code)
            return False
        if not answer.ok:
            _log.error("portal refused an event with %s, dropped: %s", answer.status_code, path.name)
        path.unlink(missing_ok=True)
        return True
