from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.spawner import SpawnException
from kubernetes_asyncio.client.exceptions import ApiException

from hub.events import HubEvent
from hub.pods.spawner import CampusPodSpawner, is_broken
from spawner_config.settings import REFERENCE_FILE, load_notebooks
from tests.spawner_config.rendering import make_spawner, offline

SITE = load_notebooks(REFERENCE_FILE)
STAFF = ("course:manufacturing-ai:instructor",)


@pytest.fixture(autouse=True)
def no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offline(tmp_path, monkeypatch)


class Told:
    """Keeps events instead of sending them."""

    def __init__(self) -> None:
        self.events: list[HubEvent] = []

    def __deepcopy__(self, memo: dict[int, object]) -> Told:
        return self

    def send(self, event: HubEvent) -> None:
        self.events.append(event)


def chosen(options: Any, groups: tuple[str, ...] = ()) -> CampusPodSpawner:
    async def load() -> CampusPodSpawner:
        spawner = make_spawner(SITE, options, groups)
        await spawner.load_user_options()
        return spawner

    return asyncio.run(load())


def test_without_a_choice_one_lands_on_cpu() -> None:
    assert chosen({}).profile == "cpu"


@pytest.mark.parametrize("profile", ["bogus", "gpu-full", ["cpu"], {"cpu": 1}, 7])
def test_a_profile_that_one_may_not_have_is_refused_in_words(profile: Any) -> None:
    with pytest.raises(SpawnException) as caught:
        chosen({"profile": profile})
    assert "you may not use it" in caught.value.message


def test_an_instructor_gets_the_whole_gpu() -> None:
    assert chosen({"profile": "gpu-full"}, STAFF).extra_resource_limits["nvidia.com/gpu"] == "1"


def test_nothing_of_a_gpu_server_is_left_on_the_cpu_server_after_it() -> None:
    async def twice() -> dict[str, str]:
        spawner = make_spawner(SITE, {"profile": "gpu-small"})
        await spawner.load_user_options()
        spawner.user_options = {"profile": "cpu"}
        await spawner.load_user_options()
        return {**spawner.extra_resource_limits, **spawner.node_selector, **spawner.environment}

    left = asyncio.run(twice())
    assert "nvidia.com/mig-1g.18gb" not in left
    assert "NVIDIA_DRIVER_CAPABILITIES" not in left
    assert "axcampus/pool" not in left


Failing = Callable[[CampusPodSpawner], Awaitable[None]]


def start_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> tuple[SpawnException, list[str]]:
    """Start while KubeSpawner fails with ``error``; return what the person reads and what the portal hears."""

    async def fails(self: Any) -> str:
        raise error

    async def nothing(*_: Any, **__: Any) -> None:
        return None

    monkeypatch.setattr("kubespawner.KubeSpawner._start", fails)
    monkeypatch.setattr(CampusPodSpawner, "_start_watching_pods", nothing)
    monkeypatch.setattr(CampusPodSpawner, "seats_now", nothing)
    told = Told()

    async def start() -> None:
        spawner = make_spawner(SITE, {"profile": "gpu-small"})
        spawner.events_post = told
        spawner.api = SimpleNamespace(delete_namespaced_pod=nothing)
        await spawner.start()

    with pytest.raises(SpawnException) as caught:
        asyncio.run(start())
    return caught.value, [event.event for event in told.events]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError("pod did not start in 3 seconds!"), "slow"),
        (ValueError("No such profile"), "api"),
        (ApiException(status=409), "api"),
        (ApiException(status=410), "api"),
        (ApiException(status=429), "api"),
        (ApiException(status=500), "api"),
        (ApiException(status=403), "refused"),
        (RuntimeError("a bug"), "api"),
        (KeyError("ready"), "api"),
    ],
)
def test_whatever_goes_wrong_is_no_failure_of_the_hub(
    error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, events = start_with(error, monkeypatch)
    assert (told.reason, events) == (reason, ["started", "failed"])


def test_an_overloaded_api_server_is_asked_again() -> None:
    async def answers() -> list[bool]:
        spawner = make_spawner(SITE, {})

        async def with_status(status: int) -> bool:
            raise ApiException(status=status)

        return [await spawner._again_if_transient(with_status(status)) for status in (410, 429, 500, 503)]

    assert asyncio.run(answers()) == [False] * 4


def test_a_refusal_that_will_not_change_is_not_repeated() -> None:
    async def ask() -> None:
        async def forbidden() -> bool:
            raise ApiException(status=403)

        await make_spawner(SITE, {})._again_if_transient(forbidden())

    with pytest.raises(ApiException):
        asyncio.run(ask())


def test_a_hub_that_starts_during_an_outage_ends_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreachable(*_: Any, **__: Any) -> None:
        raise ApiException(status=503)

    monkeypatch.setattr("kubespawner.KubeSpawner.poll", unreachable)

    async def poll() -> int | None:
        return await make_spawner(SITE, {}).poll()

    assert asyncio.run(poll()) is None


def test_a_watch_that_gave_up_is_replaced() -> None:
    async def states() -> list[bool]:
        loop = asyncio.get_running_loop()
        fresh, loaded, failed = loop.create_future(), loop.create_future(), loop.create_future()
        loaded.set_result(None)
        failed.set_exception(ApiException(status=500))
        ended = asyncio.ensure_future(asyncio.sleep(0))
        await ended
        running = asyncio.ensure_future(asyncio.sleep(9))
        reflectors = [(fresh, None), (loaded, running), (loaded, ended), (failed, None)]
        seen = [is_broken(SimpleNamespace(first_load_future=first, watch_task=task)) for first, task in reflectors]
        running.cancel()
        failed.exception()
        return [is_broken(None), *seen]

    assert asyncio.run(states()) == [False, False, False, True, True]


def test_a_new_hub_knows_profile_and_session_of_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handed_over() -> tuple[str, str]:
        old, new = make_spawner(SITE, {"profile": "gpu-small"}), make_spawner(SITE, {})
        await old.load_user_options()
        new.load_state(old.get_state())
        return new.profile, new.session_id

    assert asyncio.run(handed_over()) == ("gpu-small", "session-of-the-test")


def test_a_profile_that_is_gone_since_counts_as_the_default() -> None:
    async def taken_up() -> bool:
        spawner = make_spawner(SITE, {})
        spawner.load_state({"profile": "of-last-year", "kubespawner_version": "7"})
        return bool(spawner.pool.has_gpu)

    assert asyncio.run(taken_up()) is False
