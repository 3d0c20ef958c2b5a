"""nbgrader's assignment list and the campus panel's handlers inside a real JupyterLab server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from graders.exchange.records import Records
from graders.exchange.work import RECORDS_FOLDER
from graders.files import FileSet
from tests.graders.exchange.notebook_server import NotebookServer, run_server
from tests.graders.exchange.portal_stand_in import ASSIGNMENT, COURSE, NOTEBOOK, PortalThread, RunningPortal

pytestmark = pytest.mark.slow

TARGET = {"course_id": COURSE, "assignment_id": ASSIGNMENT}
PANEL_TARGET = {"course": COURSE, "assignment": ASSIGNMENT}


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with PortalThread() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, portal: RunningPortal) -> Iterator[NotebookServer]:
    home = tmp_path_factory.mktemp("home")
    with run_server(home, portal.environment()) as running:
        yield running


def listed(answer: requests.Response, status: str) -> list[dict]:
    body = answer.json()
    assert body["success"], body
    return [row for row in body["value"] if row["status"] == status]


def test_the_assignment_list_fetches_submits_and_shows_the_receipt(server: NotebookServer, portal: RunningPortal):
    assert server.get("courses").json() == {"success": True, "value": [COURSE]}
    [released] = listed(server.get(f"assignments?course_id={COURSE}"), "released")
    assert released["assignment_id"] == ASSIGNMENT

    [fetched] = listed(server.post("assignments/fetch", TARGET), "fetched")
    assert fetched["notebooks"] == [{"notebook_id": "a03", "path": f"{COURSE}/{ASSIGNMENT}/a03.ipynb"}]
    assert server.get(f"api/contents/{fetched['notebooks'][0]['path']}").ok

    [submitted] = listed(server.post("assignments/submit", TARGET), "submitted")
    receipt = portal.state.attempts[-1]["receipt_id"]
    assert receipt in submitted["submissions"][-1]["timestamp"]

    portal.state.grade(receipt, 9)
    [graded] = listed(server.post("assignments/fetch_feedback", TARGET), "submitted")
    path = graded["submissions"][-1]["local_feedback_path"]
    assert (server.home / path / "a03.html").is_file()


def test_a_failed_fetch_reaches_the_page_in_words(server: NotebookServer):
    answer = server.post("assignments/fetch", {"course_id": COURSE, "assignment_id": "nothing"}).json()
    assert answer["success"] is False
    assert "그런 과제가 없습니다" in answer["value"]
    assert "Traceback" not in answer["value"]


def test_a_course_of_somebody_else_is_said_not_to_be_ones_own(server: NotebookServer):
    answer = server.get("assignments?course_id=secret").json()
    assert "등록된 과정이 아닙니다" in answer["value"]
    assert "exchange directory" not in answer["value"]


def test_formgrader_and_course_list_are_off(server: NotebookServer):
    assert server.get("formgrader").status_code == 404
    assert server.get("formgraders").status_code == 404


def test_the_panel_is_loaded_and_nbgraders_own_pages_are_disabled(server: NotebookServer):
    page = server.get("lab").text
    assert '"name": "axcampus"' in page
    assert "@jupyter/nbgrader:formgrader" in page.split("disabledExtensions")[1][:300]
    assert server.get("lab/extensions/axcampus/static/load.js").ok


def test_the_panel_reads_the_portal_without_seeing_the_token(server: NotebookServer):
    answer = server.get("axcampus/me")
    assert answer.json()["person"]["username"] == "kim"
    assert "student-token" not in answer.text + str(answer.headers)


def test_an_unchanged_receipt_is_a_304(server: NotebookServer, portal: RunningPortal):
    server.post("axcampus/fetch", PANEL_TARGET)
    receipt = server.post("axcampus/submit", PANEL_TARGET).json()["receipt"]["receipt_id"]
    first = server.get(f"axcampus/receipts/{receipt}")
    again = server.get(f"axcampus/receipts/{receipt}", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_the_panel_submits_what_is_on_disk(server: NotebookServer, portal: RunningPortal):
    done = server.post("axcampus/fetch", PANEL_TARGET).json()
    (server.home / done["folder"] / "a03.ipynb").write_bytes(NOTEBOOK + b"\n")
    receipt = server.post("axcampus/submit", PANEL_TARGET).json()["receipt"]
    assert portal.state.uploads[receipt["receipt_id"]]["a03.ipynb"] == NOTEBOOK + b"\n"


def test_a_refusal_reaches_the_panel_with_the_portals_words(server: NotebookServer, portal: RunningPortal):
    server.post("axcampus/fetch", PANEL_TARGET)
    portal.state.failures = ["closed"]
    answer = server.post("axcampus/submit", PANEL_TARGET)
    assert answer.status_code == 409
    assert answer.json()["error"]["ko"].startswith("마감되었습니다")


@pytest.mark.parametrize("path", ["axcampus/me", "axcampus/receipts/7F3K-0001", "assignments", "courses"])
def test_nothing_is_read_without_signing_in(server: NotebookServer, path: str):
    answer = requests.get(server.url + path, timeout=20, allow_redirects=False)
    assert answer.status_code in (302, 403)


def test_nothing_is_submitted_without_signing_in(server: NotebookServer, portal: RunningPortal):
    before = len(portal.state.attempts)
    answer = requests.post(server.url + "axcampus/submit", json=PANEL_TARGET, timeout=20, allow_redirects=False)
    assert answer.status_code == 403
    assert len(portal.state.attempts) == before


def test_a_server_started_without_the_portal_says_so(tmp_path: Path):
    with run_server(tmp_path, {}) as lonely:
        listing = lonely.get("assignments").json()
        panel = lonely.get("axcampus/me")
    assert "포털에 연결되어 있지 않습니다" in listing["value"]
    assert panel.status_code == 503


def test_the_panel_s_first_look_after_a_restart_sends_what_was_begun(
    tmp_path_factory: pytest.TempPathFactory, portal: RunningPortal
):
    home = tmp_path_factory.mktemp("restarted")
    files = FileSet({"a03.ipynb": NOTEBOOK, "notes.txt": b"begun before the restart"})
    Records(home / RECORDS_FOLDER).idempotency_key(COURSE, ASSIGNMENT, files)
    before = len(portal.state.attempts)
    with run_server(home, portal.environment()) as server:
        answers = [server.get("axcampus/me") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(portal.state.attempts) == before + 1
    assert portal.state.uploads[portal.state.attempts[-1]["receipt_id"]] == dict(files.files)
