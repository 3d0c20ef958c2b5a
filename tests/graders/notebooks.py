"""Small nbgrader notebooks for tests, built cell by cell."""

import json

from graders.files import FileSet

KERNEL = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}


def rules(grade_id, *, grade=False, solution=False, locked=False, points=None, task=False):
    meta = {"schema_version": 3, "grade_id": grade_id, "grade": grade, "solution": solution, "locked": locked}
    meta |= {"task": True} if task else {}
    return {"nbgrader": meta | ({"points": points} if points is not None else {})}


def cell(source, metadata=None, cell_type="code", cell_id=None, **extra):
    made = {"cell_type": cell_type, "metadata": metadata or {}, "source": source, **extra}
    if cell_type == "code":
        made = {"outputs": [], "execution_count": None} | made
    return made | ({"id": cell_id} if cell_id else {})


def given(source, cell_id=None):
    return cell(source, None, "code", cell_id)


def locked(source, grade_id, cell_type="code"):
    return cell(source, rules(grade_id, locked=True), cell_type)


def text(source, cell_id=None):
    return cell(source, None, "markdown", cell_id)


def solution(source, grade_id="sol"):
    return cell(source, rules(grade_id, solution=True))


def graded(source, grade_id="test", points=1):
    return cell(source, rules(grade_id, grade=True, locked=True, points=points))


def manual(source, grade_id="manual", points=2, cell_type="markdown"):
    return cell(source, rules(grade_id, grade=True, solution=True, points=points), cell_type)


def task(source, grade_id="task", points=3):
    return cell(source, rules(grade_id, locked=True, points=points, task=True), "markdown")


def notebook(*cells, minor=5, metadata=None):
    cells = [dict(each) for each in cells]
    for index, each in enumerate(cells):
        if minor >= 5:
            each.setdefault("id", f"cell-{index}")
    body = {
        "nbformat": 4,
        "nbformat_minor": minor,
        "metadata": KERNEL if metadata is None else metadata,
        "cells": cells,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def course(*cells, **files):
    return FileSet({"a.ipynb": notebook(*cells), **{path.replace("__", "."): data for path, data in files.items()}})
