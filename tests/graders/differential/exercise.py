"""One exercise of the corpus: what an author wrote, and several honest ways to answer it (exercises/*.yaml)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.graders import notebooks as make

FOLDER = Path(__file__).with_name("exercises")


@dataclass(frozen=True)
class Exercise:
    """``answers`` maps a style to the whole text of the answer cell; 'reference' is the author's own.

    ``tests`` are (source, points) in order; ``between`` is a locked cell of the author before them.
    """

    name: str
    answers: dict[str, str]
    tests: tuple[tuple[str, float], ...]
    given: str = ""
    between: str = ""
    files: dict[str, bytes] = field(default_factory=dict)

    def cells(self, answer: str) -> list[dict]:
        """The notebook with this text in its answer cell."""
        tests = [make.graded(source, f"test-{number}", points) for number, (source, points) in enumerate(self.tests, 1)]
        given = [make.given(self.given)] if self.given else []
        between = [make.locked(self.between, "between")] if self.between else []
        return [make.text(f"# {self.name}"), *given, make.solution(answer, "answer"), *between, *tests]

    def source_notebook(self) -> bytes:
        """The author's notebook, the reference between nbgrader's marks."""
        return make.notebook(*self.cells(f"### BEGIN SOLUTION\n{self.answers['reference']}\n### END SOLUTION"))


def load_exercises(name: str) -> list[Exercise]:
    """Read one file of exercises; a test without points is worth one."""
    return [_exercise(entry) for entry in yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))]


def _exercise(entry: dict[str, Any]) -> Exercise:
    tests = [test if isinstance(test, dict) else {"source": test, "points": 1} for test in entry.pop("tests")]
    return Exercise(**entry, tests=tuple((test["source"], float(test["points"])) for test in tests))
