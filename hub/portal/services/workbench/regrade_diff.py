"""What a new report changes against the one that counts: pure, cell by cell."""

from __future__ import annotations

from typing import Self

from graders.contract import CellReport, Frozen, GradeReport, Outcome


class CellChange(Frozen):
    """One graded cell whose points or outcome differ; None: the cell was not there, or nobody knows its points."""

    notebook: str
    cell: str
    max_points: float
    old: float | None
    new: float | None
    old_outcome: Outcome | None
    new_outcome: Outcome | None

    @property
    def gain(self) -> float:
        """Points more (or, negative, less) than before; unknown points count as none."""
        return (self.new or 0.0) - (self.old or 0.0)

    @classmethod
    def between(cls, old: CellReport | None, new: CellReport | None) -> Self:
        """Describe a cell that is in at least one of two reports."""
        known = new or old
        if known is None:
            raise ValueError("a change is of a cell that was graded at least once")
        return cls(
            notebook=known.notebook,
            cell=known.grade_id,
            max_points=known.max_points,
            old=old.points if old else None,
            new=new.points if new else None,
            old_outcome=old.outcome if old else None,
            new_outcome=new.outcome if new else None,
        )


def changes_between(old: GradeReport | None, new: GradeReport) -> tuple[CellChange, ...]:
    """Return the cells that differ, in the order of the new report, then those that are gone."""
    before = {(cell.notebook, cell.grade_id): cell for cell in old.cells} if old else {}
    after = {(cell.notebook, cell.grade_id): cell for cell in new.cells}
    both = [CellChange.between(before.get(key), after.get(key)) for key in {**after, **before}]
    return tuple(change for change in both if _differs(change))


def _differs(change: CellChange) -> bool:
    return (change.old, change.old_outcome) != (change.new, change.new_outcome)
