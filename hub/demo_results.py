"""What a demonstration class showed: one row a student, the coordinator's figures, and every expectation that broke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from graders.exchange.speech import STATUS_WORDS, score_text
from hub.demo_roles import EXPECTATIONS, Points, is_as_expected
from hub.demo_student import StudentRun

#: Stages of the coordinator's funnel that a class moves; completion is confirmed by a person.
WATCHED = ("started", "fetched", "submitted", "passed")


@dataclass(frozen=True)
class ClassResult:
    """The finished class. Figures are distinct people on the coordinator's page before and after."""

    runs: tuple[StudentRun, ...]
    points: Points
    before: dict[str, int]
    after: dict[str, int]
    stranger_sees: bool
    seconds: float

    @property
    def failures(self) -> list[str]:
        """Every expectation that did not hold, in words."""
        said = [f"{run.member.username}: {_why(run)}" for run in self.runs if not self._is_fine(run)]
        said += [
            f"coordinator: {stage} rose by {self.rise(stage)}, expected {wanted}"
            for stage, wanted in self.expected_rise.items()
            if self.rise(stage) < wanted
        ]
        return said + (["a student could read another student's receipt"] if self.stranger_sees else [])

    def _is_fine(self, run: StudentRun) -> bool:
        is_seen = run.page_shows_receipt is not False
        return not run.error and is_seen and is_as_expected(run.member.role, run.receipt, self.points)

    @property
    def expected_rise(self) -> dict[str, int]:
        """How the funnel must have moved: all started, fetched and submitted; who passed, the receipts say.

        More is no failure: somebody else may be using the platform meanwhile.
        """
        everybody = len(self.runs)
        passed = sum(_score(run) >= self.points.passing for run in self.runs)
        return {"started": everybody, "fetched": everybody, "submitted": everybody, "passed": passed}

    def rise(self, stage: str) -> int:
        """By how many people a stage grew."""
        return self.after.get(stage, 0) - self.before.get(stage, 0)

    def as_json(self) -> dict[str, Any]:
        """Return what ``axcampus demo --json`` prints."""
        return {
            "ok": not self.failures,
            "seconds": round(self.seconds, 1),
            "failures": self.failures,
            "students": [self._student(run) for run in self.runs],
            "coordinator": {"before": self.before, "after": self.after, "expected_rise": self.expected_rise},
        }

    def _student(self, run: StudentRun) -> dict[str, Any]:
        receipt = run.receipt.model_dump(mode="json", include=_SHOWN) if run.receipt else None
        return {
            "username": run.member.username,
            "role": run.member.role.value,
            "university": run.member.university,
            "has_server": run.has_server,
            "receipt": receipt,
            "expected": EXPECTATIONS[run.member.role].words.en,
            "as_expected": self._is_fine(run),
            "error": run.error,
        }


_SHOWN = {"receipt_id", "number", "status", "score", "max_score", "is_late", "received_at"}


def _score(run: StudentRun) -> float:
    return run.receipt.score if run.receipt is not None and run.receipt.score is not None else -1.0


def _why(run: StudentRun) -> str:
    if run.error:
        return run.error
    if run.page_shows_receipt is False:
        return "the portal's page does not show the receipt"
    state = "no receipt" if run.receipt is None else f"{run.receipt.status.value} {score_text(run.receipt)}".strip()
    return f"{run.member.role.value}: expected {EXPECTATIONS[run.member.role].words.en}, got {state}"


def print_result(console: Console, result: ClassResult) -> None:
    """Print the class for a person."""
    console.print(_student_table(result))
    console.print(_figures_table(result))
    for failure in result.failures:
        console.print(f"[red]✕[/] {failure}", highlight=False)
    if not result.failures:
        console.print(
            f"[green]✓[/] 학생 {len(result.runs)}명 모두 기대한 대로입니다({result.seconds:.0f}초). / "
            f"All {len(result.runs)} students as expected ({result.seconds:.0f} s)."
        )


def _student_table(result: ClassResult) -> Table:
    table = Table(
        "학생 / student", "역할 / role", "접수번호 / receipt", "상태 / status", "점수 / score", "기대 / expected", ""
    )
    for run in result.runs:
        receipt = run.receipt
        words = STATUS_WORDS[receipt.status] if receipt else None
        table.add_row(
            run.member.username + (" ▣" if run.has_server else ""),
            run.member.role.value,
            receipt.receipt_id if receipt else "–",
            f"{words.ko} / {words.en}" if words else "–",
            score_text(receipt) if receipt else "–",
            EXPECTATIONS[run.member.role].words.both,
            "[green]✓[/]" if result._is_fine(run) else "[red]✕[/]",
        )
    return table


def _figures_table(result: ClassResult) -> Table:
    table = Table("담당자 화면 / coordinator", "전 / before", "후 / after", "기대 / expected", "")
    for stage, wanted in result.expected_rise.items():
        others = result.rise(stage) - wanted
        mark = "[red]✕[/]" if others < 0 else "[green]✓[/]" + (f" +{others} 다른 사람 / others" if others else "")
        before, after = result.before.get(stage, 0), result.after.get(stage, 0)
        table.add_row(stage, str(before), str(after), f"+{wanted}", mark)
    return table


def failed_steps(runs: Sequence[StudentRun]) -> list[str]:
    """Errors so far, for a class that could not be finished."""
    return [f"{run.member.username}: {run.error}" for run in runs if run.error]
