"""A report that contradicts its request or its bundle never leaves the runner."""

from __future__ import annotations

import pytest

from graders.contract import (
    CellReport,
    Fault,
    Flag,
    GradeReport,
    Isolation,
    Outcome,
    RebuiltNotebook,
    ReportState,
    Text,
)
from graders.release import make_release
from graders.runners.kubernetes_answer import MAX_FLAGS, WrongAnswerError, read_answer
from tests.graders.notebooks import course, graded, manual, solution
from tests.graders.runners.test_local import job

BUNDLE = make_release(
    course(solution("x = 1", "x"), graded("assert x == 1", "t", 2), manual("why", "m", 3)), assignment="c/a"
).bundle
REQUEST = job("x = 1")[0].model_copy(update={"bundle_digest": BUNDLE.digest})


def by_test(points: float | None = 2.0, **changes: object) -> CellReport:
    facts = {"notebook": "a.ipynb", "grade_id": "t", "points": points, "max_points": 2.0}
    return CellReport.model_validate(facts | {"outcome": Outcome.PASSED, "isolation": Isolation.ISOLATED} | changes)


def by_hand(**changes: object) -> CellReport:
    facts = {"notebook": "a.ipynb", "grade_id": "m", "points": None, "max_points": 3.0}
    return CellReport.model_validate(facts | {"outcome": Outcome.MANUAL, "isolation": Isolation.NONE} | changes)


HONEST = GradeReport(
    request_digest=REQUEST.digest,
    state=ReportState.GRADED,
    fault=Fault.NOBODY,
    gradable=True,
    succeeded=True,
    score=2.0,
    max_score=2.0,
    manual_max_score=3.0,
    cells=(by_test(), by_hand()),
    notebooks=(RebuiltNotebook(path="a.ipynb", content="{}"),),
)


def read(report: GradeReport) -> GradeReport:
    return read_answer(report.model_dump_json().encode(), REQUEST, BUNDLE)


def test_an_honest_report_is_taken_as_it_is() -> None:
    assert read(HONEST) == HONEST


FLAG = Flag(code="odd", message=Text(ko="이상", en="odd"))
LIES = {
    "another request": {"request_digest": "0" * 64},
    "a larger maximum": {"max_score": 4.0},
    "another manual maximum": {"manual_max_score": 30.0},
    "a score above its cells": {"score": 1.5},
    "a cell of no assignment": {"cells": (by_test(), by_hand(), by_test(grade_id="mine", points=0.0))},
    "a cell left out": {"cells": (by_hand(),), "score": 0.0},
    "a cell twice": {"cells": (by_test(), by_test(), by_hand()), "score": 4.0},
    "more points than a cell has": {"cells": (by_test(3.0), by_hand()), "score": 3.0},
    "points below nothing": {"cells": (by_test(-1.0), by_hand()), "score": -1.0},
    "a cell with another maximum": {"cells": (by_test(max_points=1.0, points=1.0), by_hand()), "score": 1.0},
    "a person's points": {"cells": (by_test(), by_hand(outcome=Outcome.PASSED, points=3.0)), "score": 5.0},
    "a test left to a person": {"cells": (by_test(None, outcome=Outcome.MANUAL), by_hand()), "score": 0.0},
    "a notebook of its own": {"notebooks": (RebuiltNotebook(path="b.ipynb", content="{}"),)},
    "a notebook twice": {"notebooks": HONEST.notebooks * 2},
    "a flood of flags": {"flags": (FLAG,) * (MAX_FLAGS + 1)},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_report_with_a_contradiction_is_refused(lie: str) -> None:
    with pytest.raises(WrongAnswerError):
        read(HONEST.model_copy(update=LIES[lie]))


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"a":' * 5000, HONEST.model_dump_json().encode()[:-1]]
)
def test_bytes_that_are_no_report_are_refused(data: bytes) -> None:
    with pytest.raises(WrongAnswerError):
        read_answer(data, REQUEST, BUNDLE)


def test_an_unknown_key_is_refused() -> None:
    data = HONEST.model_dump_json().encode().replace(b'{"contract_version"', b'{"bonus":9,"contract_version"', 1)
    with pytest.raises(WrongAnswerError):
        read_answer(data, REQUEST, BUNDLE)


def test_a_refusal_without_cells_is_an_answer() -> None:
    refused = HONEST.model_copy(
        update={
            "state": ReportState.REFUSED,
            "fault": Fault.STUDENT,
            "gradable": False,
            "succeeded": False,
            "score": None,
            "cells": (),
            "notebooks": (),
            "reason": Text(ko="거절", en="refused"),
        }
    )
    assert read(refused).state is ReportState.REFUSED
