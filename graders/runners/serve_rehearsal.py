"""A grading pod grades a submission of its own before it says that it is ready: one that can not never gets another."""

from __future__ import annotations

import json

from graders.bundle import Bundle, BundleCell, BundleNotebook, CellKind, make_bundle_files
from graders.contract import GradeReport, GradeRequest, ReportState
from graders.environment import environment_digest
from graders.files import FileSet
from graders.runners.base import Runner

_NAME = "rehearsal.ipynb"
_EMPTY = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


class RehearsalError(RuntimeError):
    """The machine can't grade: no sandbox, no memory, no room. The text says what the grading said."""


def rehearse(runner: Runner) -> GradeReport:
    """Grade one given cell and one test; RehearsalError unless that gives its one point."""
    bundle, submission = _bundle(), FileSet({_NAME: json.dumps(_EMPTY).encode()})
    request = GradeRequest(
        assignment="rehearsal",
        bundle_digest=bundle.digest,
        submission_digest=submission.digest,
        seed=0,
        hidden_seed=0,
        environment_digest=environment_digest(),
    )
    report = runner.grade(request, bundle, submission)
    if (report.state, report.score) != (ReportState.GRADED, 1.0):
        reason = report.staff_reason or [cell.staff_message for cell in report.cells]
        raise RehearsalError(f"this machine can't grade: {report.state}, score {report.score}: {reason}")
    return report


def _bundle() -> FileSet:
    given = _cell(CellKind.GIVEN, "x = 1")
    test = _cell(CellKind.TEST, "assert x == 1").model_copy(update={"grade_id": "t", "points": 1.0})
    notebook = BundleNotebook(path=_NAME, cells=(given, test))
    return make_bundle_files(Bundle(assignment="rehearsal", notebooks=(notebook,)), FileSet({}))


def _cell(kind: CellKind, source: str) -> BundleCell:
    facts = {"cell_id": kind.value, "cell_type": "code", "source": source, "released": source, "locked": True}
    return BundleCell.model_validate({"kind": kind, "grade_id": "t", **facts})
