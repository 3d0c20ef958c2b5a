"""Assignments of our own making: light, with a first table and chart, realistic, with a frame of three million rows,
and two of our own course."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courses.build import build_notebook
from graders.files import FileSet

Cell = dict[str, Any]

COURSES = Path(__file__).resolve().parents[2] / "courses"
KERNEL = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}


@dataclass(frozen=True)
class Workload:
    """One class of assignment: its source notebook."""

    name: str
    cells: tuple[Cell, ...]

    def source(self) -> FileSet:
        body = {"nbformat": 4, "nbformat_minor": 5, "metadata": KERNEL, "cells": list(self.cells)}
        return FileSet({"work.ipynb": json.dumps(body).encode()})

    def submissions(self, count: int) -> list[FileSet]:
        """Right answers that differ in a comment, so that nothing can be reused from one to the next."""
        return [self._submission(number) for number in range(count)]

    def _submission(self, number: int) -> FileSet:
        cells = [
            {**cell, "source": f"# learner {number}\n{cell['source']}"} if _is_answer(cell) else cell
            for cell in self.cells
        ]
        body = {"nbformat": 4, "nbformat_minor": 5, "metadata": KERNEL, "cells": cells}
        return FileSet({"work.ipynb": json.dumps(body).encode()})


def _is_answer(cell: Cell) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def _cell(source: str, name: str, *, grade: bool = False, solution: bool = False, points: int | None = None) -> Cell:
    rules: dict[str, Any] = {"schema_version": 3, "grade_id": name, "grade": grade, "solution": solution}
    rules |= {"locked": not solution, "task": False, **({} if points is None else {"points": points})}
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"nbgrader": rules},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def _answer(source: str, name: str) -> Cell:
    return _cell(f"### BEGIN SOLUTION\n{source}\n### END SOLUTION", name, solution=True)


def _test(source: str, name: str) -> Cell:
    return _cell(source, name, grade=True, points=2)


#: Plain Python, some milliseconds of cells in all: what a notebook costs that does next to nothing.
LIGHT = Workload(
    "light",
    (
        _cell("import math\nVALUES = [3, 1, 4, 1, 5, 9, 2, 6]", "given"),
        _answer("def mean(values):\n    return sum(values) / len(values)", "mean"),
        _test("assert abs(mean(VALUES) - 3.875) < 1e-9", "test-mean"),
        _answer(
            "def spread(values):\n    m = mean(values)\n"
            "    return math.sqrt(sum((v - m) ** 2 for v in values) / len(values))",
            "spread",
        ),
        _test("assert abs(spread([2, 4, 4, 4, 5, 5, 7, 9]) - 2) < 1e-9", "test-spread"),
        _answer("def above(values, limit):\n    return [v for v in values if v > limit]", "above"),
        _test("assert above(VALUES, 4) == [5, 9, 6]\nassert above([], 1) == []", "test-above"),
        _answer("print(mean(VALUES), spread(VALUES))", "print"),
    ),
)

#: A first notebook on shop-floor data: a table, a filter, a chart.
FIRST = Workload(
    "first",
    (
        _cell(
            "import numpy as np\nimport pandas as pd\nimport matplotlib.pyplot as plt\n"
            "rng = np.random.default_rng(3)\nN = 2000\n"
            "data = pd.DataFrame({'line': rng.integers(1, 5, N), 'temperature': rng.normal(72, 3, N),"
            " 'length_mm': rng.normal(50, .2, N)})\n"
            "data.loc[::97, 'temperature'] = -999.0",
            "given",
        ),
        _answer("clean = data[data.temperature > -100].copy()\nclean.describe()", "clean"),
        _test("assert len(clean) == 1979\nassert clean.temperature.min() > 0", "test-clean"),
        _answer("by_line = clean.groupby('line').agg({'temperature': 'mean', 'length_mm': 'std'})\nby_line", "by-line"),
        _test("assert by_line.shape == (4, 2)\nassert abs(by_line.temperature.mean() - 72) < .5", "test-by-line"),
        _answer(
            "def cpk(values, low, high):\n"
            "    m, s = np.mean(values), np.std(values, ddof=1)\n    return min(high - m, m - low) / (3 * s)",
            "cpk",
        ),
        _test("assert abs(cpk([1, 2, 3], 0, 4) - 2 / 3) < 1e-9\nassert cpk(clean.length_mm, 49, 51) > 1", "test-cpk"),
        _answer(
            "fig, ax = plt.subplots()\nax.hist(clean.length_mm, bins=30)\nax.axvline(49)\nax.axvline(51)\n"
            "ax.set_xlabel('length (mm)')\nplt.show()",
            "chart",
        ),
        _test("assert ax.get_xlabel() == 'length (mm)'", "test-chart"),
    ),
)

REALISTIC = Workload(
    "realistic",
    (
        _cell(
            "import numpy as np\nimport pandas as pd\nimport matplotlib.pyplot as plt\n"
            "from sklearn.ensemble import RandomForestClassifier\n"
            "from sklearn.model_selection import train_test_split\n"
            "rng = np.random.default_rng(7)\nN = 1500\n"
            "data = pd.DataFrame({'torque': rng.normal(40, 10, N), 'speed': rng.normal(1500, 180, N),"
            " 'wear': rng.integers(0, 250, N)})\n"
            "data['failed'] = ((data.torque * data.wear > 9500) | (data.speed < 1200)).astype(int)",
            "given",
        ),
        _answer("summary = data.groupby('failed').mean()\nsummary", "summary"),
        _test("assert summary.shape == (2, 3)\nassert summary.loc[1, 'wear'] > summary.loc[0, 'wear']", "test-summary"),
        _answer(
            "def features(frame):\n    made = frame.copy()\n"
            "    made['power'] = made.torque * made.speed\n    return made",
            "features",
        ),
        _test("made = features(data)\nassert np.allclose(made.power, data.torque * data.speed)", "test-features"),
        _answer(
            "X = features(data).drop(columns='failed')\ny = data.failed\n"
            "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)\n"
            "model = RandomForestClassifier(60, random_state=0).fit(X_train, y_train)\n"
            "accuracy = model.score(X_test, y_test)",
            "model",
        ),
        _test("assert 0.9 < accuracy <= 1\nassert len(model.predict(X_test)) == len(y_test)", "test-model"),
        _answer(
            "fig, ax = plt.subplots()\nax.scatter(data.torque, data.wear, c=data.failed, s=4)\n"
            "ax.set_xlabel('torque')\nax.set_ylabel('wear')\nplt.show()",
            "figure",
        ),
        _test("assert ax.get_xlabel() == 'torque'", "test-figure"),
    ),
)

#: A large frame travels to the tests (``data``), and another one to the student's function and back (``own``).
FRAME = Workload(
    "frame",
    (
        _cell("import numpy as np\nimport pandas as pd\nROWS = 3_000_000", "given"),
        _answer(
            "data = pd.DataFrame({'t': np.arange(ROWS), 'x': np.linspace(0, 1, ROWS), 'y': np.ones(ROWS)})", "frame"
        ),
        _test("assert data.shape == (ROWS, 3)\nassert data.y.sum() == ROWS", "test-there"),
        _answer("def scale(frame):\n    return frame * 2", "scale"),
        _test(
            "own = pd.DataFrame({'a': np.arange(ROWS, dtype=float)})\nassert scale(own).a.iloc[-1] == 2 * ROWS - 2",
            "test-both",
        ),
    ),
)


def _of_the_course(name: str) -> Workload:
    """An assignment of our own course with its reference solution, built as it is published."""
    script = (COURSES / "manufacturing-ai" / name / f"{name}.py").read_text(encoding="utf-8")
    return Workload(name, tuple(json.loads(build_notebook(script, name=name))["cells"]))


#: What students of this platform hand in: statistics with plots, and models with their validation.
COURSE = tuple(_of_the_course(name) for name in ("a02-spc", "a03-milling"))

WORKLOADS = (LIGHT, FIRST, REALISTIC, FRAME, *COURSE)
