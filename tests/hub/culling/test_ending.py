from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tornado import web

from hub.culling.ending import kernel_state
from hub.culling.gpu_use import percents
from hub.culling.pages import asked_hours
from hub.culling.policy import Reason
from hub.pods.spawner import CampusPodSpawner
from spawner_config.settings import REFERENCE_FILE, Culling, load_notebooks
from tests.spawner_config.rendering import make_spawner, offline

SITE = load_notebooks(REFERENCE_FILE).model_copy(update={"culling": Culling(enabled=True)})
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offline(tmp_path, monkeypatch)


def idle_spawner(profile: str, minutes: int, settings: Any = SITE) -> CampusPodSpawner:
    spawner = make_spawner(settings, {})
    spawner.profile = profile
    quiet = (NOW - timedelta(minutes=minutes)).replace(tzinfo=None)  # as the hub's database keeps it
    spawner.orm_spawner = SimpleNamespace(started=quiet, last_activity=quiet, state={}, server=None)
    spawner.db = SimpleNamespace(commit=lambda: None)
    return spawner


def ends(profile: str, minutes: int, *later: int, settings: Any = SITE) -> list[bool]:
    """Say at each look whether the server is to be stopped: now, and ``later`` minutes after that."""

    async def looks() -> list[bool]:
        spawner = idle_spawner(profile, minutes, settings)
        return [await spawner.must_end(NOW + timedelta(minutes=after)) for after in (0, *later)]

    return asyncio.run(looks())


def test_an_idle_server_is_told_first_and_stopped_five_minutes_later() -> None:
    assert ends("cpu", 61, 4, 5) == [False, False, True]


def test_a_site_that_has_not_switched_it_on_stops_nothing() -> None:
    assert ends("cpu", 600, 5, 60, settings=load_notebooks(REFERENCE_FILE)) == [False] * 3


def test_a_gpu_that_nobody_measures_is_never_stopped_for_its_silence() -> None:
    assert ends("gpu-small", 600, 5, 60) == [False] * 3


def test_on_a_shared_gpu_silence_of_the_kernels_has_to_do() -> None:
    assert ends("gpu-lab", 20, 5) == [False, True]


@pytest.mark.parametrize(
    ("profile", "idle", "percent", "state"),
    [
        ("cpu", 1, None, True),
        ("cpu", 60, None, False),
        ("gpu-small", 60, None, None),
        ("gpu-small", 60, 0.0, False),
        ("gpu-lab", 60, None, False),
    ],
)
def test_what_silence_says_about_the_kernels(
    profile: str, idle: int, percent: float | None, state: bool | None
) -> None:
    assert kernel_state(SITE.pool_of(profile), timedelta(minutes=idle), percent) is state


def told() -> CampusPodSpawner:
    spawner = idle_spawner("cpu", 61)
    assert asyncio.get_running_loop()
    return spawner


def test_the_person_reads_when_and_why_and_a_lease_takes_it_back() -> None:
    async def views() -> list[dict[str, str | None]]:
        spawner = told()
        await spawner.must_end(NOW)
        before = spawner.ending_view()
        await spawner.take_lease(2, NOW)
        return [before, spawner.ending_view()]

    before, after = asyncio.run(views())
    assert (before["reason"], "21:05" in str(before["ko"]), "21:05" in str(before["en"])) == (Reason.IDLE, True, True)
    assert (after["stops_at"], after["lease_until"]) == (None, "2026-11-22T14:00:00+00:00")


def test_a_new_hub_knows_what_was_told_and_granted() -> None:
    async def handed_over() -> tuple[Any, Any]:
        old, new = told(), idle_spawner("cpu", 61)
        await old.must_end(NOW)
        new.load_state(old.orm_spawner.state)
        return old.notice, new.notice

    old, new = asyncio.run(handed_over())
    assert old is not None
    assert old == new


@pytest.mark.parametrize("body", [None, [], {}, {"hours": "1"}, {"hours": 0}, {"hours": 25}, {"hours": True}])
def test_a_lease_of_nonsense_is_refused(body: Any) -> None:
    with pytest.raises(web.HTTPError):
        asked_hours(body)


def test_prometheus_is_read_and_what_is_not_its_shape_says_nothing() -> None:
    rows = [{"metric": {"pod": "nb-x"}, "value": [0, "12.5"]}, {"metric": {}, "value": [0, "1"]}]
    assert percents({"data": {"result": rows}}) == {"nb-x": 12.5}
    assert [percents(answer) for answer in (None, {}, {"data": {"result": [{"metric": {"pod": "x"}}]}})] == [{}] * 3
