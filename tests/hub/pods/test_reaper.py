from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jupyterhub import orm
from sqlalchemy.orm import Session

from hub.pods.reaper import known_pods, orphans, reap_for_ever
from spawner_config.names import person_slug

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATIENCE = timedelta(minutes=3)


def pod(name: str, minutes: float, component: str = "singleuser-server", **more: Any) -> dict[str, Any]:
    made = (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"metadata": {"name": name, "labels": {"component": component}, "creationTimestamp": made, **more}}


def test_only_an_old_pod_of_ours_that_nobody_knows_is_an_orphan() -> None:
    pods = [
        pod("nb-orphan", 4),
        pod("nb-young", 2),
        pod("nb-known", 400),
        pod("grader", 400, component="grader"),
        pod("nb-going", 9, deletionTimestamp="2026-11-22T11:59:00Z"),
    ]
    assert orphans(pods, {"nb-known"}, NOW, PATIENCE) == ["nb-orphan"]


def test_a_pod_without_labels_is_left_alone() -> None:
    assert orphans([{"metadata": {"name": "x", "creationTimestamp": "2020-01-01T00:00:00Z"}}], (), NOW, PATIENCE) == []


@pytest.fixture
def db() -> Any:
    session: Session = orm.new_session_factory("sqlite:///:memory:")()
    yield session
    session.close()
    session.get_bind().dispose()  # type: ignore[union-attr]


def test_servers_that_run_or_start_are_known_and_stopped_ones_are_not(db: Any) -> None:
    for name, server, state in (
        ("a", orm.Server(), {"pod_name": "nb-old-name"}),
        ("b", orm.Server(), {}),
        ("c", None, {}),
    ):
        user = orm.User(name=name)
        db.add(user)
        db.add(orm.Spawner(name="", user=user, server=server, state=state))
    db.commit()
    assert known_pods(db) == {f"nb-{person_slug('a')}", "nb-old-name", f"nb-{person_slug('b')}"}


def test_a_round_that_fails_is_not_the_last() -> None:
    removed: list[str] = []
    rounds = iter([RuntimeError("the database is away"), ["nb-x"]])

    def find() -> list[str]:
        found = next(rounds, [])
        if isinstance(found, Exception):
            raise found
        return found

    async def remove(name: str) -> None:
        removed.append(name)

    async def run() -> None:
        task = asyncio.create_task(reap_for_ever(0.03, find, remove))
        while not removed:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert removed == ["nb-x"]
