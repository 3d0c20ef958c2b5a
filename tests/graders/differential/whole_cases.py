# ruff: noqa: E501 - a long line here is code of a notebook
"""Cases that are more than one answer and its tests: every kind of cell, several notebooks, older metadata, AUTOTEST."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import nbgrader

from graders.files import FileSet
from tests.graders import notebooks as make

#: The templates that nbgrader ships.
AUTOTESTS = Path(nbgrader.__file__).parent / "docs/source/user_guide/autotests.yml"


@dataclass(frozen=True)
class WholeCase:
    """``answers``: style -> grade_id -> source; a cell that a style does not name stays as it was handed out."""

    name: str
    source: FileSet
    answers: dict[str, dict[str, str]]
    autotests: bytes | None = None
    is_old: bool = False


def _stub(reference: str) -> str:
    return f"### BEGIN SOLUTION\n{reference}\n### END SOLUTION"


_MEAN = "def mean(xs):\n    return sum(xs) / len(xs)"

KINDS_OF_CELLS = WholeCase(
    name="every_kind_of_cell",
    source=FileSet(
        {
            "work.ipynb": make.notebook(
                make.text("# Everything"),
                make.given("import math"),
                make.solution(_stub(_MEAN), "mean"),
                make.locked("half = mean([1, 2]) / 3", "given-locked"),
                make.graded("assert mean([1, 2, 3]) == 2", "test-mean", 2),
                make.manual("YOUR ANSWER HERE", "essay", 5),
                make.manual(_stub("mean([2])"), "code-by-hand", 3, "code"),
                make.task("Draw something below.", "drawing", 4),
                make.graded(
                    "assert half == 0.5\n### BEGIN HIDDEN TESTS\nassert mean([4]) == 4\n### END HIDDEN TESTS", "late", 1
                ),
                make.graded("assert True", "no-points", 0),
            )
        }
    ),
    answers={
        "reference": {"mean": _MEAN, "essay": "It is the mean.", "code-by-hand": "mean([2])"},
        "answered": {"mean": _MEAN.replace("xs", "values"), "essay": "평균입니다.", "code-by-hand": "mean([3])"},
        "untouched": {},
        "wrong": {"mean": "def mean(xs):\n    return 2", "essay": "?", "code-by-hand": "1 / 0"},
    },
)

_STEPS = """score = 0
for xs, wanted in (([1, 3], 2), ([5], 5), ([1, 2, 3, 4], 2.5), ([-1, 1], 0)):
    try:
        score += mean(xs) == wanted
    except Exception:
        pass
score * 0.75"""

PARTIAL = WholeCase(
    name="partial_credit_in_steps",
    source=FileSet(
        {
            "work.ipynb": make.notebook(
                make.solution(_stub(_MEAN), "mean"),
                make.graded(_STEPS, "steps", 3),
                make.graded(
                    "import numpy as np\nnp.round(2 * np.mean([mean([2]) == 2, mean([4, 6]) == 5]), 3)", "numpy", 2
                ),
                make.graded("assert mean([1]) == 1\n0.5 if mean([1, 2]) != 1.5 else 1", "half", 1),
            )
        }
    ),
    answers={
        "reference": {"mean": _MEAN},
        "whole numbers": {"mean": "def mean(xs):\n    return sum(xs) // len(xs)"},
        "first": {"mean": "def mean(xs):\n    return xs[0]"},
        "wrong": {"mean": "def mean(xs):\n    raise ValueError"},
    },
)

SEVERAL_NOTEBOOKS = WholeCase(
    name="several_notebooks",
    source=FileSet(
        {
            "1-clean.ipynb": make.notebook(
                make.given("from helper import read"),
                make.solution(
                    _stub(
                        "rows = [x for x in read('data.txt') if x > 0]\nopen('clean.txt', 'w').write('\\n'.join(map(str, rows)))"
                    ),
                    "clean",
                ),
                make.graded("assert rows == [3, 5]", "test-clean", 2),
            ),
            "2-use.ipynb": make.notebook(
                make.given("from helper import read"),
                make.solution(_stub("def total():\n    return sum(read('clean.txt'))"), "total"),
                make.graded("assert total() == 8", "test-total", 3),
            ),
            "helper.py": b"def read(path):\n    with open(path) as f:\n        return [int(x) for x in f.read().split()]\n",
            "data.txt": b"3\n-1\n5\n",
        }
    ),
    answers={
        "reference": {
            "clean": "rows = [x for x in read('data.txt') if x > 0]\nopen('clean.txt', 'w').write('\\n'.join(map(str, rows)))",
            "total": "def total():\n    return sum(read('clean.txt'))",
        },
        "first only": {"clean": "rows = [3, 5]\nopen('clean.txt', 'w').write('3 5')"},
        "wrong": {
            "clean": "rows = read('data.txt')\nopen('clean.txt', 'w').write('3 -1 5')",
            "total": "def total():\n    return sum(read('clean.txt'))",
        },
    },
)


def _old(version: int) -> bytes:
    """A notebook as nbgrader wrote it years ago: fewer keys, no cell ids."""
    body = json.loads(
        make.notebook(
            make.given("import math"),
            make.solution(_stub(_MEAN), "mean"),
            make.graded("assert mean([1, 2, 3]) == 2", "test-mean", 2),
            make.manual("YOUR ANSWER HERE", "essay", 5),
            minor=2,
        )
    )
    for cell in body["cells"]:
        rules = cell["metadata"].get("nbgrader")
        if rules:
            rules["schema_version"] = version
            rules.pop("task", None)
    return json.dumps(body).encode()


OLD = [
    WholeCase(
        name=f"metadata_of_version_{version}",
        source=FileSet({"work.ipynb": _old(version)}),
        answers={"reference": {"mean": _MEAN, "essay": "mean"}, "wrong": {"mean": "def mean(xs):\n    return 0"}},
        is_old=True,
    )
    for version in (1, 2)
]

AUTOTEST = WholeCase(
    name="autotest",
    source=FileSet(
        {
            "work.ipynb": make.notebook(
                make.solution(
                    _stub("n = 41 + 1\nratio = n / 4\nwords = ['a', 'b']\ntable = {'x': 1}\nflag = True"), "values"
                ),
                make.graded("### AUTOTEST n", "auto-int", 1),
                make.graded("### AUTOTEST ratio", "auto-float", 1),
                make.graded("### AUTOTEST words", "auto-list", 1),
                make.graded("### AUTOTEST table; flag", "auto-both", 2),
                make.graded("### HASHED AUTOTEST n", "auto-hashed", 1),
            )
        }
    ),
    answers={
        "reference": {"values": "n = 41 + 1\nratio = n / 4\nwords = ['a', 'b']\ntable = {'x': 1}\nflag = True"},
        "other types": {"values": "n = 42.0\nratio = 21 / 2\nwords = ('a', 'b')\ntable = {'x': 1.0}\nflag = 1"},
        "wrong": {"values": "n = 43\nratio = 1.5\nwords = ['b', 'a']\ntable = {'y': 1}\nflag = False"},
    },
    autotests=AUTOTESTS.read_bytes(),
)

WHOLE: tuple[WholeCase, ...] = (KINDS_OF_CELLS, PARTIAL, SEVERAL_NOTEBOOKS, *OLD, AUTOTEST)
