"""The keys of a JSON line are a promise; the table names what lost points."""

import io
import json
from pathlib import Path

from rich.console import Console

from graders.cli_output import LiveTable, report_line
from graders.contract import Outcome, ReportState
from graders.runners.base import Progress, Stage
from tests.graders.reports import graded, report

KEYS = ["path", "state", "score", "max_score", "cells", "flags", "reason", "seconds"]


def test_a_line_has_the_promised_keys():
    assert list(json.loads(report_line(Path("kim"), report(graded())))) == KEYS


def test_a_line_is_one_line():
    assert "\n" not in report_line(Path("kim"), report(graded()))


def test_cells_of_several_notebooks_carry_the_notebooks_name():
    line = json.loads(report_line(Path("kim"), report(graded("t"), graded("t", notebook="b.ipynb"))))
    assert list(line["cells"]) == ["a/t", "b/t"]


def test_cells_of_one_notebook_carry_the_grade_id_alone():
    assert list(json.loads(report_line(Path("kim"), report(graded("t"))))["cells"]) == ["t"]


def test_no_score_is_null():
    line = json.loads(report_line(Path("kim"), report(state=ReportState.REFUSED)))
    assert (line["score"], line["reason"]) == (None, {"en": "reason", "ko": "이유"})


def shown(*reports):
    output = io.StringIO()
    paths = [Path(f"p{number}") for number in range(len(reports))]
    with LiveTable(paths, Console(file=output, width=120)) as table:
        for path, made in zip(paths, reports, strict=True):
            table.show_progress(path, Progress(stage=Stage.CELL, done=1, total=2))
            table.show_report(path, made)
    return output.getvalue()


def test_the_table_shows_score_state_and_lost_cells():
    text = shown(report(graded("t1"), graded("t2", 0, Outcome.FAILED)), report(state=ReportState.REFUSED))
    assert "2 / 4" in text
    assert "t2" in text
    assert "채점 완료" in text
    assert "이유" in text
