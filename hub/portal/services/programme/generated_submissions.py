"""Submissions of a generated programme and their reports: equal ones share one report, as they do in life."""

from __future__ import annotations

import json
from datetime import datetime

from graders.contract import CellReport, Fault, GradeReport, GradeRequest, Isolation, Limits, Outcome, ReportState
from graders.files import FileSet, sha256_hex
from hub.portal.models import Blob, FileSetEntry, FileSetRow, GradeReportRow, GradeRequestRow
from hub.portal.services.programme.generated_course import NOTEBOOK, SOLUTION_CELL, TESTS, Work
from hub.portal.services.programme.generated_rows import BulkRows

#: Scores come in halves of a point; so many different submissions there are for each.
LEVELS = 20
_COPIES = 100
_WORKER = "generated"
_ENVIRONMENT = sha256_hex(b"generated")


class Submissions:
    """The submissions of a programme with their reports, each made when it is first wanted."""

    def __init__(self, rows: BulkRows, seed: int, now: datetime) -> None:
        self._rows, self._seed, self._now = rows, seed, now
        self._known: dict[tuple[int, int, int], tuple[str, str]] = {}
        self._turns: dict[tuple[int, int], int] = {}

    def next(self, work: Work, level: int) -> tuple[str, str]:
        """Return the digests of a submission that scores so many half points, and of its request."""
        turn = self._turns.get((work.version.id, level), 0)
        self._turns[work.version.id, level] = turn + 1
        key = work.version.id, level, turn % _COPIES
        if key not in self._known:
            self._known[key] = self._make(work, level, key[2])
        return self._known[key]

    def _make(self, work: Work, level: int, copy: int) -> tuple[str, str]:
        submission = FileSet({NOTEBOOK: _solved(work, f"{self._seed}-{work.name}-{level}-{copy}", level)})
        request = GradeRequest(
            assignment=work.name,
            bundle_digest=work.version.bundle_digest,
            submission_digest=submission.digest,
            seed=level * _COPIES + copy,
            hidden_seed=copy,
            limits=Limits.model_validate(work.version.limits),
            environment_digest=_ENVIRONMENT,
        )
        self._put_files(submission)
        self._put_report(request, level / 2)
        return submission.digest, request.digest

    def _put_files(self, files: FileSet) -> None:
        for path, digest in files.manifest.items():
            data = files.files[path]
            self._rows.put(Blob, digest=digest, size_bytes=len(data), data=data, created_at=self._now)
            self._rows.put(FileSetEntry, file_set_digest=files.digest, path=path, blob_digest=digest)
        self._rows.put(FileSetRow, digest=files.digest, size_bytes=files.size_bytes, created_at=self._now)

    def _put_report(self, request: GradeRequest, score: float) -> None:
        report = make_report(request.digest, score)
        asked = request.model_dump(mode="json")
        self._rows.put(GradeRequestRow, digest=request.digest, request=asked, created_at=self._now)
        self._rows.put(
            GradeReportRow,
            request_digest=request.digest,
            state=report.state,
            fault=report.fault,
            score=report.score,
            max_score=report.max_score,
            report=report.model_dump(mode="json"),
            worker=_WORKER,
            created_at=self._now,
        )


def _solved(work: Work, mark: str, level: int) -> bytes:
    """Return the released notebook with an answer in it; ``mark`` makes it differ from all others."""
    answer = "sum(values) / len(values)" if level == LEVELS else f"sum(values) / {level + 1}"
    source = f"def average(values):\n    return {answer}  # {mark}"
    cells = [cell | {"source": source} if cell["id"] == SOLUTION_CELL else cell for cell in work.release["cells"]]
    return json.dumps(work.release | {"cells": cells}, ensure_ascii=False).encode()


def make_report(request_digest: str, score: float) -> GradeReport:
    """Return a report whose cells fill up to ``score`` from the first test to the last."""
    cells, left = [], score
    for name, worth, hidden in TESTS:
        points = min(left, worth)
        left -= points
        cells.append(_cell(name, points, worth, hidden))
    return GradeReport(
        request_digest=request_digest,
        state=ReportState.GRADED,
        fault=Fault.NOBODY,
        gradable=True,
        succeeded=True,
        score=score,
        max_score=sum(worth for _, worth, _ in TESTS),
        cells=tuple(cells),
        seconds=0.4,
    )


def _cell(name: str, points: float, worth: float, hidden: bool) -> CellReport:
    outcome = Outcome.PASSED if points == worth else Outcome.PARTIAL if points else Outcome.FAILED
    return CellReport(
        notebook=NOTEBOOK,
        grade_id=name,
        points=points,
        max_points=worth,
        outcome=outcome,
        isolation=Isolation.ISOLATED,
        hidden=hidden,
    )
