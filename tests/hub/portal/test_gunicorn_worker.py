"""The portal's gunicorn worker: the arbiter hears that it lives, without a file touched for every event."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hub.portal import gunicorn_worker
from hub.portal.gunicorn_worker import ALIVE_SECONDS, PortalWorker


def test_the_arbiter_is_told_once_a_second_however_many_events_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    now, told = [0.0], []
    monkeypatch.setattr(gunicorn_worker, "time", SimpleNamespace(monotonic=lambda: now[0]))
    worker = PortalWorker.__new__(PortalWorker)
    worker.tmp = SimpleNamespace(notify=lambda: told.append(now[0]))
    for step in range(30):
        now[0] = step * ALIVE_SECONDS / 10
        worker.notify()
    assert told == [0.0, ALIVE_SECONDS, 2 * ALIVE_SECONDS]
