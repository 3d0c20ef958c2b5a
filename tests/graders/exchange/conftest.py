from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.exchange.client import PortalClient
from graders.exchange.work import Desk, make_desk
from tests.graders.exchange.portal_stand_in import PortalThread, RunningPortal


@pytest.fixture
def portal() -> Iterator[RunningPortal]:
    with PortalThread() as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(portal: RunningPortal, pauses: list[float]) -> PortalClient:
    return PortalClient(portal.base, "student-token", sleep=pauses.append)


@pytest.fixture
def teacher(portal: RunningPortal, pauses: list[float]) -> PortalClient:
    return PortalClient(portal.base, "teacher-token", sleep=pauses.append)


@pytest.fixture
def desk(client: PortalClient, tmp_path: Path) -> Desk:
    home = tmp_path / "home"
    home.mkdir()
    return make_desk(client, home)
