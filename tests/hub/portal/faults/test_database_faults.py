"""PostgreSQL killed, started again, made read-only, without room: nothing confirmed is lost, nothing lost confirmed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.portal.database import Database, migrate
from hub.portal.models import Attempt, GradingTask, TaskState
from tests.hub.portal.faults.conftest import make_rig
from tests.hub.portal.faults.postgres import Postgres, own_postgres
from tests.hub.portal.faults.rig import Rig, stub_hub, wait_for
from tests.hub.portal.faults.test_portal_faults import check_not_confirmed

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(900)]


@pytest.fixture
def server() -> Iterator[Postgres]:
    with own_postgres("db") as started:
        yield started


@pytest.fixture
def rig(server: Postgres, tmp_path: Path) -> Iterator[Rig]:
    migrate(server.url)
    database = Database.at(server.url)
    made = make_rig(database, server.url, tmp_path / "home")
    with stub_hub(made.settings.hub_port):
        yield made
        made.stop_all()
    database.dispose()


def test_what_was_confirmed_outlives_a_kill_of_the_database_at_once(rig: Rig, server: Postgres) -> None:
    """The server's default would lose the last seconds: the portal asks for more than the default."""
    rig.start_portal()
    receipt = rig.submit()
    server.kill()
    server.start()
    rig.check_accepted_once(receipt)


def test_while_the_database_is_down_nothing_is_confirmed_and_the_same_key_makes_one_attempt(
    rig: Rig, server: Postgres
) -> None:
    rig.start_portal()
    assert rig.client().me().courses
    server.kill()
    check_not_confirmed(rig.post_once())
    check_not_confirmed(rig.post_once())
    server.start()
    rig.check_accepted_once(rig.submit())


def test_a_database_that_may_only_be_read_confirms_nothing(rig: Rig) -> None:
    rig.start_portal()
    set_read_only(rig, "on")
    check_not_confirmed(rig.post_once())
    set_read_only(rig, "off")
    rig.check_accepted_once(rig.submit())


def set_read_only(rig: Rig, value: str) -> None:
    """As after a failover to a standby: old connections end, new ones may not write."""
    engine = sa.create_engine(rig.campus.database.engine.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET default_transaction_read_only = off")
        connection.exec_driver_sql(f"ALTER DATABASE postgres SET default_transaction_read_only = {value}")
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )


def test_a_result_that_is_ready_while_the_database_is_away_is_stored_when_it_is_back(
    rig: Rig, server: Postgres
) -> None:
    """One try: grading anew would cost more than waiting."""
    rig.start_portal()
    rig.submit(text=f"{SLOW}def add(a, b):\n    return a + b")
    rig.start_worker()
    wait_for("claimed", lambda: rig.campus.count(GradingTask, state=TaskState.CLAIMED) == 1)
    server.kill()
    subprocess.run(["sleep", "6"], check=True)  # the grading ends meanwhile
    server.start()
    wait_for("graded", rig.is_graded)
    rig.check_graded_once()
    assert rig.campus.get(GradingTask).tries == 1


SLOW = "import time\ntime.sleep(3)\n"


def test_a_disk_of_the_database_without_room_confirms_nothing(small_disk: Path, tmp_path: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=160m", str(small_disk)], check=True)
    folder = small_disk / "server"
    folder.mkdir(mode=0o700)
    for parent in [tmp_path, *tmp_path.parents][:4]:
        parent.chmod(parent.stat().st_mode | 0o011)  # the server runs as another user
    server = Postgres(folder)
    server.start()
    migrate(server.url)
    database = Database.at(server.url)
    rig = make_rig(database, server.url, tmp_path / "home")
    ballast = small_disk / "ballast"
    try:
        with stub_hub(rig.settings.hub_port):
            rig.start_portal()
            fill_all_but(ballast, 64 * 2**10)
            big = "# " + "x" * 2_000_000 + "\n"
            check_not_confirmed(rig.post_once(text=big))
            assert database_is_empty(rig)
            ballast.unlink()
            rig.check_accepted_once(rig.submit())
            rig.stop_all()
    finally:
        database.dispose()
        server.stop()


def database_is_empty(rig: Rig) -> bool:
    return rig.campus.count(Attempt) == rig.campus.count(GradingTask) == 0


def fill_all_but(ballast: Path, left: int) -> None:
    room = os.statvfs(ballast.parent)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - left)
