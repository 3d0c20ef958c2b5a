"""Whatever ends or starves the portal while a submission comes in: it is stored exactly once, or not confirmed."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import requests

from hub.portal.database import Database
from hub.portal.models import Attempt
from tests.hub.portal.faults.conftest import make_rig
from tests.hub.portal.faults.dropping_proxy import dropping_proxy
from tests.hub.portal.faults.fault_points import PORTAL
from tests.hub.portal.faults.rig import Rig, stub_hub

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def check_not_confirmed(answer: requests.Response) -> None:
    """503 in both languages, and nothing in it that could be read as "submitted"."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (503, "database_unavailable")
    assert "제출이 확인되지 않았으니" in error["ko"]
    assert "not confirmed" in error["en"]
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("point", PORTAL)
def test_a_portal_killed_at_any_step_takes_the_submission_exactly_once(rig: Rig, point: str) -> None:
    rig.start_portal(point)
    receipt = rig.submit()
    assert rig.mark.exists(), "the fault point was never reached"
    rig.check_accepted_once(receipt)


def test_a_receipt_outlives_a_kill_of_the_whole_portal(rig: Rig) -> None:
    portal = rig.start_portal()
    receipt = rig.submit()
    rig.kill(portal)
    rig.start_portal()
    assert rig.submit().receipt_id == receipt.receipt_id
    rig.check_accepted_once(receipt)


def test_an_answer_lost_after_the_commit_makes_no_second_attempt(rig: Rig) -> None:
    rig.start_portal()
    with dropping_proxy(rig.port, drops=2) as proxy:
        receipt = rig.submit(port=proxy.port)
        assert proxy.dropped == 2
    rig.check_accepted_once(receipt)


def test_half_an_upload_is_no_submission(sqlite_rig: Rig) -> None:
    sqlite_rig.start_portal()
    body = b'{"files": [{"path": "a.ipynb", "content": "' + b"QUFB" * 10_000
    head = (
        f"POST /api/v1/courses/ai/assignments/a01/attempts HTTP/1.1\r\nHost: localhost:{sqlite_rig.port}\r\n"
        "Authorization: Bearer token-kim\r\nIdempotency-Key: key-00000001\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body) * 2}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", sqlite_rig.port)) as upload:
        upload.sendall(head.encode() + body)
        upload.shutdown(socket.SHUT_WR)
        answer = upload.recv(200)
    assert b" 201 " not in answer
    assert sqlite_rig.campus.count(Attempt) == 0
    sqlite_rig.check_accepted_once(sqlite_rig.submit())


def limit_files(portal: subprocess.Popen[bytes], limit: int) -> None:
    """Let the portal's processes write no file beyond ``limit`` bytes: a full disk that needs no root."""
    for process in [psutil.Process(portal.pid), *psutil.Process(portal.pid).children()]:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


def test_while_nothing_can_be_written_nothing_is_confirmed(sqlite_rig: Rig) -> None:
    portal = sqlite_rig.start_portal()
    limit_files(portal, 0)
    check_not_confirmed(sqlite_rig.post_once())
    limit_files(portal, resource.RLIM_INFINITY)
    sqlite_rig.check_accepted_once(sqlite_rig.submit())


def on_disk(sqlite_template: Path, disk: Path, home: Path) -> Rig:
    """A rig whose database lies on a disk of its own."""
    url = f"sqlite:///{shutil.copy(sqlite_template, disk / 'axcampus.db')}"
    database = Database.at(url)
    rig = make_rig(database, url, home)
    database.dispose()
    return rig


def fill(ballast: Path) -> None:
    """Take up the last byte of a disk."""
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_a_full_disk_confirms_nothing_until_there_is_room_again(
    sqlite_template: Path, small_disk: Path, tmp_path: Path
) -> None:
    rig = on_disk(sqlite_template, small_disk, tmp_path / "home")
    ballast = small_disk / "ballast"
    with stub_hub(rig.settings.hub_port):
        rig.start_portal()
        fill(ballast)
        check_not_confirmed(rig.post_once())
        ballast.unlink()
        rig.check_accepted_once(rig.submit())
        rig.stop_all()
    rig.campus.database.dispose()


def test_a_read_only_disk_confirms_nothing_until_it_can_be_written_again(
    sqlite_template: Path, small_disk: Path, tmp_path: Path
) -> None:
    rig = on_disk(sqlite_template, small_disk, tmp_path / "home")
    with stub_hub(rig.settings.hub_port):
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
        rig.start_portal()
        check_not_confirmed(rig.post_once())
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
        rig.check_accepted_once(rig.submit())
        rig.stop_all()
    rig.campus.database.dispose()


def test_a_database_file_that_may_not_be_written_confirms_nothing(sqlite_rig: Rig) -> None:
    """The same for an ordinary user; root may write anything."""
    if os.geteuid() == 0:
        pytest.skip("LEFT OUT: root may write every file; the test of the read-only disk covers this")
    path = Path(str(sqlite_rig.campus.database.engine.url.database))
    sqlite_rig.campus.database.dispose()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    sqlite_rig.start_portal()
    check_not_confirmed(sqlite_rig.post_once())
    path.parent.chmod(0o755)
    path.chmod(0o644)
    sqlite_rig.check_accepted_once(sqlite_rig.submit())
