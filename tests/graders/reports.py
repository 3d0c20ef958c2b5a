"""Made-up grade reports for tests of what is done with a report."""

import json

from graders.contract import CellReport, Fault, GradeReport, Isolation, Outcome, RebuiltNotebook, ReportState, Text

HIDDEN_TEST = "assert f(5) == 6"


def code(source, grade_id=None, outputs=()):
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    return {"cell_type": "code", "id": "x", "metadata": metadata, "source": source, "outputs": list(outputs)}


def markdown(source, **extra):
    return {"cell_type": "markdown", "id": "x", "metadata": {}, "source": source, **extra}


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def display(**data):
    return {"output_type": "display_data", "data": data, "metadata": {}}


def notebook(*cells, path="a.ipynb"):
    body = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    return RebuiltNotebook(path=path, content=json.dumps(body))


def graded(grade_id="test-1", points=2.0, outcome=Outcome.PASSED, **fields):
    fields = {"notebook": "a.ipynb", "max_points": 2, "isolation": Isolation.ISOLATED} | fields
    return CellReport(grade_id=grade_id, points=points, outcome=outcome, **fields)


def report(*cells, notebooks=(), state=ReportState.GRADED, **fields):
    succeeded = state in (ReportState.GRADED, ReportState.NEEDS_PERSON)
    reason = None if state is ReportState.GRADED else Text(ko="이유", en="reason")
    facts = {
        "request_digest": "0" * 64,
        "fault": Fault.NOBODY,
        "gradable": True,
        "succeeded": succeeded,
        "score": sum(cell.points or 0 for cell in cells) if succeeded else None,
        "max_score": sum(cell.max_points for cell in cells),
        "reason": reason,
    }
    return GradeReport(state=state, cells=cells, notebooks=tuple(notebooks), **(facts | fields))
