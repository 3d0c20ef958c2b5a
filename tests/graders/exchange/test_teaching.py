"""Stage and collect, as an instructor meets them."""

from pathlib import Path

import pytest

from graders.exchange.client import PortalClient
from graders.exchange.errors import PortalError, RefusedHereError
from graders.exchange.teaching import CollectOptions, collect_assignment, stage_assignment
from tests.graders.exchange.portal_stand_in import ASSIGNMENT, COURSE, NOTEBOOK, RunningPortal


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / "a03.ipynb").write_bytes(NOTEBOOK)
    (folder / "simulator.py").write_text("SEED = 1\n")
    return folder


@pytest.fixture
def submitted(tmp_path: Path):
    return lambda username, assignment: tmp_path / "submitted" / username / assignment


def submit(client: PortalClient, *works: bytes) -> None:
    for number, work in enumerate(works):
        client.submit(COURSE, ASSIGNMENT, {"a03.ipynb": work}, f"key-{number}")


def test_the_whole_source_folder_is_staged_and_the_publish_link_is_told(
    teacher: PortalClient, portal: RunningPortal, source: Path
):
    version, said = stage_assignment(teacher, source, COURSE, ASSIGNMENT)
    assert portal.state.staged == [{"a03.ipynb": NOTEBOOK, "simulator.py": b"SEED = 1\n"}]
    assert version.state == "staged"
    assert version.portal_url in said[0].ko


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("checking", "점검이 끝나면"),
        ("ready", "마친"),
        ("live", "바뀐 것이 없"),
        ("rejected", "게시할 수 없"),
        ("retired", "다시"),
    ],
)
def test_bytes_that_are_known_are_told_how_they_stand(teacher, portal, source, state, word):
    portal.state.staged_state = state
    _, said = stage_assignment(teacher, source, COURSE, ASSIGNMENT)
    assert word in said[0].ko
    assert ("not yet live" in said[0].en) == (state in ("checking", "ready"))


def test_a_student_cannot_stage(client: PortalClient, portal: RunningPortal, source: Path):
    with pytest.raises(PortalError, match="강의자만"):
        stage_assignment(client, source, COURSE, ASSIGNMENT)
    assert portal.state.staged == []


def test_a_missing_source_folder_is_refused_before_sending(teacher: PortalClient, tmp_path: Path):
    with pytest.raises(RefusedHereError, match="source"):
        stage_assignment(teacher, tmp_path / "nothing", COURSE, ASSIGNMENT)


def test_collect_brings_bytes_and_the_servers_time(client, teacher, submitted):
    submit(client, NOTEBOOK)
    collect_assignment(teacher, COURSE, ASSIGNMENT, submitted, CollectOptions())
    folder = submitted("kim", ASSIGNMENT)
    assert (folder / "a03.ipynb").read_bytes() == NOTEBOOK
    assert (folder / "timestamp.txt").read_text() == "2026-11-22 09:00:01.123456 UTC\n"


def test_all_attempts_lie_beside_the_newest(client, teacher, submitted):
    submit(client, NOTEBOOK, NOTEBOOK + b" ")
    collect_assignment(teacher, COURSE, ASSIGNMENT, submitted, CollectOptions(all_attempts=True))
    names = sorted(path.name for path in submitted("kim", ASSIGNMENT).parent.iterdir())
    assert names == ["a03", "a03.attempt1.7F3K-0001"]


def test_a_collected_folder_is_replaced_only_when_asked_and_is_then_kept(client, teacher, submitted):
    submit(client, NOTEBOOK)
    collect_assignment(teacher, COURSE, ASSIGNMENT, submitted, CollectOptions())
    folder = submitted("kim", ASSIGNMENT)
    (folder / "notes.txt").write_text("mine")
    client.submit(COURSE, ASSIGNMENT, {"a03.ipynb": b"new"}, "another")
    collect_assignment(teacher, COURSE, ASSIGNMENT, submitted, CollectOptions())
    assert (folder / "a03.ipynb").read_bytes() == NOTEBOOK
    collect_assignment(teacher, COURSE, ASSIGNMENT, submitted, CollectOptions(update=True))
    assert (folder / "a03.ipynb").read_bytes() == b"new"
    [kept] = folder.parent.glob("a03.before*")
    assert (kept / "notes.txt").read_text() == "mine"


def test_a_student_cannot_collect(client: PortalClient, submitted):
    with pytest.raises(PortalError, match="강의자만"):
        collect_assignment(client, COURSE, ASSIGNMENT, submitted, CollectOptions())
