"""Metadata and structure tricks: what a notebook file claims about its cells."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

from tests.graders.attacks.attack import WRONG, Attack, Cells
from tests.graders.notebooks import KERNEL, given, graded, notebook, rules

_INTAKE = "intake keeps cell types, sources, ids and pictures only"
_REBUILD = "tests and locked cells are the instructor's"


def _rules(cell: dict[str, object]) -> dict[str, object]:
    metadata = cell["metadata"]
    return metadata.get("nbgrader", {}) if isinstance(metadata, dict) else {}


def _tests(change: Callable[[dict[str, object]], dict[str, object]]) -> Callable[[Cells], bytes]:
    """Change both test cells."""

    def build(cells: Cells) -> bytes:
        changed = [change(copy.deepcopy(cell)) if _rules(cell).get("grade") else cell for cell in cells]
        return notebook(*changed)

    return build


def _nbgrader(**claims: object) -> Callable[[Cells], bytes]:
    return _tests(lambda cell: cell | {"metadata": {"nbgrader": _rules(cell) | claims}})


def _each_answer(**claims: object) -> Callable[[Cells], bytes]:
    def build(cells: Cells) -> bytes:
        return notebook(*(cell | {"metadata": {"nbgrader": _rules(cell) | claims}} for cell in cells))

    return build


def _plus(*new: dict[str, object]) -> Callable[[Cells], bytes]:
    return lambda cells: notebook(*cells, *(cell | {"id": f"own-{at}"} for at, cell in enumerate(new)))


def _deep(_: Cells) -> bytes:
    return (
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {"a": ' + b"[" * 90_000 + b"]" * 90_000 + b'}, "cells": []}'
    )


def _twice(cells: Cells) -> bytes:
    body = notebook(*cells).decode()
    return body.replace('"cells":', '"cells": [], "cells":', 1).encode()


def _other_metadata(**metadata: object) -> Callable[[Cells], bytes]:
    return lambda cells: notebook(*cells, metadata=KERNEL | metadata)


def _same_ids(cells: Cells) -> bytes:
    return notebook(*(cell | {"id": "same"} for cell in cells))


def _test_as_answer(cells: Cells) -> bytes:
    swapped = [
        cell | {"source": "assert True", "metadata": rules(str(_rules(cell)["grade_id"]), solution=True)}
        if _rules(cell).get("grade")
        else cell
        for cell in cells
    ]
    return notebook(*swapped)


def _fake_outputs(cells: Cells) -> bytes:
    result = {"output_type": "display_data", "data": {"text/plain": "4.0"}, "metadata": {"points": 4}}
    done = {"outputs": [result], "execution_count": 3}
    return notebook(*(cell | (done if cell["cell_type"] == "code" else {}) for cell in cells))


def _many_cells(cells: Cells) -> bytes:
    return notebook(*cells, *(given("1", f"n{number}") for number in range(1001)))


def _surrogate(cells: Cells) -> bytes:
    return notebook(*cells).replace(b"return 0", b"return 0 # \\ud800")


def _as_version_3(cells: Cells) -> bytes:
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}).encode()


STRUCTURE = {
    "test cells emptied": Attack(_REBUILD, build=_tests(lambda cell: cell | {"source": ""})),
    "test cells say pass": Attack(
        _REBUILD, build=_tests(lambda cell: cell | {"source": "pass"}), proof="flag:locked_edited"
    ),
    "test cells return full points": Attack(_REBUILD, build=_tests(lambda cell: cell | {"source": "4.0"})),
    "tests worth a million points": Attack(_INTAKE, build=_nbgrader(points=1_000_000)),
    "tests worth negative points": Attack(_INTAKE, build=_nbgrader(points=-5)),
    "tests no longer graded": Attack(_INTAKE, build=_nbgrader(grade=False, locked=False)),
    "tests become tasks": Attack(_INTAKE, build=_nbgrader(task=True, cell_type="markdown")),
    "tests become markdown": Attack(_REBUILD, build=_tests(lambda cell: cell | {"cell_type": "markdown"})),
    "tests become answers": Attack(_REBUILD, build=_test_as_answer),
    "every cell claims to be the hidden test": Attack(_REBUILD, build=_each_answer(grade_id="hidden")),
    "a second copy of the tests that passes": Attack(
        _REBUILD, build=_plus(graded("assert True", "visible", 1), graded("assert True", "hidden", 3))
    ),
    "an own test worth a hundred": Attack(_REBUILD, build=_plus(graded("assert True", "mine", 100))),
    "all cells under one id": Attack(_REBUILD, build=_same_ids, proof=""),
    "cells tagged to be skipped": Attack(
        _INTAKE,
        build=_tests(lambda cell: cell | {"metadata": {"tags": ["skip-execution", "raises-exception"]}}),
    ),
    "execution switched off in metadata": Attack(
        _INTAKE, build=_other_metadata(execution={"allow_errors": True}, nbgrader={"skip": True}, celltoolbar="Grade")
    ),
    "another kernel": Attack(
        _INTAKE, build=_other_metadata(kernelspec={"name": "bash", "display_name": "x", "language": "bash"})
    ),
    "outputs that show the points": Attack(_INTAKE, build=_fake_outputs),
    "a list of cells twice": Attack("duplicate keys are refused", build=_twice, proof="state:refused"),
    "nested ninety thousand deep": Attack("depth is bounded before parsing", build=_deep, proof="state:refused"),
    "a thousand cells too many": Attack("number of cells is bounded", build=_many_cells, proof="state:refused"),
    "half a character": Attack("text must be storable", build=_surrogate, proof="state:refused"),
    "a notebook of format 3": Attack("nbformat 4 only", build=_as_version_3, proof="state:refused"),
    "an answer that closes the cell": Attack(
        _REBUILD, code="'''\n'''\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\n### BEGIN SOLUTION\n### END SOLUTION"
    ),
    "own cells after the tests mend nothing": Attack(
        _REBUILD, build=_plus(given("def scale(x):\n    return 3 * x + 1"), given(WRONG)), proof=""
    ),
}
