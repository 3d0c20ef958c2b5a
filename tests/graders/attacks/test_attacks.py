"""Every attack scores nothing, shows no secret, leaves nothing behind and does not disturb the next submission."""

from collections.abc import Iterator

import pytest

from graders.contract import ReportState
from tests.graders.attacks.assignment import MAX_SCORE
from tests.graders.attacks.attack import Attack
from tests.graders.attacks.corpus import CORPUS
from tests.graders.attacks.room import Room, is_proven, leaked, open_room

ROWS = [
    pytest.param(kind, attack, id=f"{kind}: {name}", marks=[pytest.mark.slow] if attack.is_slow else [])
    for kind, attacks in CORPUS.items()
    for name, attack in attacks.items()
]


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with open_room() as opened:
        yield opened


@pytest.fixture(scope="module")
def seen() -> list[str]:
    """Classes that were tried so far, in order."""
    return []


def test_there_are_enough_attacks() -> None:
    assert len(ROWS) >= 60
    assert len(CORPUS) == 7


def test_an_honest_submission_gets_full_points_here(room: Room) -> None:
    assert room.honest().score == MAX_SCORE


@pytest.mark.parametrize(("kind", "attack"), ROWS)
def test_the_attack_gains_nothing(room: Room, kind: str, attack: Attack) -> None:
    report = room.attack(attack)
    told = [(cell.grade_id, cell.outcome, cell.points, cell.staff_message) for cell in report.cells]
    assert report.state in (ReportState.GRADED, ReportState.REFUSED), (report.staff_reason, told)
    assert not report.score, told
    assert all(not cell.points for cell in report.cells)
    assert leaked(report) == []
    assert room.leftovers() == []
    assert is_proven(attack, report), (told, report.flags, [book.content[-3000:] for book in report.notebooks])


@pytest.mark.parametrize("kind", CORPUS)
def test_the_next_submission_is_graded_as_ever(room: Room, kind: str) -> None:
    room.attack(next(iter(CORPUS[kind].values())))
    report = room.honest()
    assert (report.state, report.score) == (ReportState.GRADED, MAX_SCORE)
