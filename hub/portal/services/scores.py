"""One vocabulary of scores for pages and API: what the tests gave of what tests can give, a person's part beside it.

``20 / 20`` is always automatic points of automatic points. What a person grades is a part of its own, pending until
somebody has; only when nothing is pending is there a sum that counts, after the late penalty.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.portal.models import Grade


@dataclass(frozen=True)
class Score:
    """A grade in its parts, in points; ``manual`` is None while nobody has graded that part."""

    automatic: float
    automatic_max: float
    manual: float | None
    manual_max: float
    penalty_percent: float
    counted: float
    counted_max: float
    adjustment: float = 0.0  # what one member of a team gets more or less than the team

    @property
    def manual_pending(self) -> bool:
        """Whether a person still has to grade a part."""
        return is_manual_pending(self.manual_max, self.manual)

    @property
    def has_sum(self) -> bool:
        """Whether what counts is settled and is something else than the automatic points."""
        return not self.manual_pending and (self.counted, self.counted_max) != (self.automatic, self.automatic_max)


def is_manual_pending(manual_max: float, manual: float | None) -> bool:
    """Whether there is a part for a person that nobody has graded yet."""
    return manual_max > 0 and manual is None


def score_of(grade: Grade) -> Score:
    """Return the parts of a grade; the version of the attempt that counts says how many points a person gives."""
    manual_max = grade.attempt.version.manual_max_score
    return Score(
        automatic=grade.automatic_points,
        automatic_max=grade.max_score - manual_max,
        manual=grade.manual_points,
        manual_max=manual_max,
        penalty_percent=grade.penalty_percent,
        counted=grade.score,
        counted_max=grade.max_score,
        adjustment=grade.adjustment_points,
    )
