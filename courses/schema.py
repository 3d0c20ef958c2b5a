"""The models behind course.yaml and partners.yaml: every key is known, typed and checked.

Days are counted from the first day of a cohort (day 0), times of day are Korean time, points are
points of the notebook, percents are 0-100.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Percent = Annotated[float, Field(ge=0, le=100)]
ModuleName = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]


class Frozen(BaseModel):
    """Base of all course models: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Text(Frozen):
    """One text in both languages; neither may be empty."""

    ko: str = Field(min_length=1)
    en: str = Field(min_length=1)


class University(Frozen):
    """A partner university; ``code`` is what course.yaml and the portal's database say."""

    code: Slug
    name: Text


class Person(Frozen):
    """An author or reviewer and the code of the university he or she speaks for."""

    name: Text
    university: Slug


class Licence(Frozen):
    """SPDX names of the licences of the prose and of the code."""

    text: str = Field(min_length=1)
    code: str = Field(min_length=1)


class NcsTag(Frozen):
    """A National Competency Standards code: 8 digits name a 세분류, staff may add the unit's digits."""

    code: str = Field(pattern=r"^\d{8}(\d{2})?$")
    name: Text


class Moment(Frozen):
    """A moment relative to the cohort: ``time`` on ``day`` after its first day, Korean time."""

    day: int = Field(ge=0, le=730)
    time: str = Field(default="23:59", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")

    @field_validator("time", mode="before")
    @classmethod
    def _refuse_yaml_numbers(cls, value: object) -> object:
        """YAML 1.1 reads an unquoted 18:00 as 1080: say so instead of guessing."""
        if isinstance(value, int):
            raise ValueError('write the time in quotes, for example "18:00"')
        return value

    @property
    def clock(self) -> dt.time:
        """Time of day in Korea."""
        return dt.time.fromisoformat(self.time)

    @property
    def sort_key(self) -> tuple[int, str]:
        """Orders moments of the same cohort."""
        return self.day, self.time


class LatePolicy(Frozen):
    """What a late submission costs: ``percent_per_day`` for each begun day, never more than ``max_percent``."""

    percent_per_day: Percent = 10
    max_percent: Percent = 50
    grace_minutes: int = Field(default=10, ge=0)


class AttemptsPolicy(Frozen):
    """How often one may submit in all and on one day (None: as often as wanted) and which attempt counts.

    ``last`` is the last one on time if there is one, ``last_even_late`` the last whenever it came.
    """

    max_attempts: int | None = Field(default=None, ge=1)
    per_day: int | None = Field(default=None, ge=1)
    counts: Literal["best", "last", "last_even_late"] = "best"


class FeedbackPolicy(Frozen):
    """When scores and annotated notebooks are shown."""

    scores: Literal["at_once", "after_due", "after_close", "by_hand"] = "at_once"
    notebooks: Literal["at_once", "after_due", "after_close", "by_hand"] = "after_due"


class AssignmentLimits(Frozen):
    """What grading one submission may use; names follow the grading contract (wall-clock seconds, bytes)."""

    cell_seconds: float = Field(default=60, gt=0, le=3600)
    notebook_seconds: float = Field(default=180, gt=0, le=7200)
    submission_seconds: float = Field(default=300, gt=0, le=7200)
    test_cell_seconds: float = Field(default=60, gt=0, le=3600)
    memory_bytes: int = Field(default=2 * 2**30, ge=2**28)
    allow_shell: bool = False


class RubricItem(Frozen):
    """One line of a rubric for a manually graded cell."""

    name: Text
    points: float = Field(gt=0)


class Rubric(Frozen):
    """How a person grades the cell ``grade_id``; the items add up to the cell's points."""

    grade_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    items: tuple[RubricItem, ...] = Field(min_length=1)

    @property
    def points(self) -> float:
        """Sum of the items."""
        return sum(item.points for item in self.items)


class AssignmentSpec(Frozen):
    """One assignment as its course.yaml describes it; ``id`` is also its folder and its nbgrader name."""

    id: Slug
    title: Text
    summary: Text
    university: Slug
    authors: tuple[Person, ...] = Field(min_length=1)
    reviewers: tuple[Person, ...] = ()
    hours: float = Field(gt=0)
    points: float = Field(gt=0, description="automatic and manual points of all notebooks together")
    pass_percent: Percent = Field(default=60, description="share of the automatic points that passes")
    weight: float = Field(default=1, gt=0, description="share in the course's mark, relative to the other weights")
    opens: Moment
    due: Moment
    closes: Moment
    late: LatePolicy = LatePolicy()
    attempts: AttemptsPolicy = AttemptsPolicy()
    is_team_work: bool = Field(default=False, description="handed in once for a whole team, which the portal forms")
    feedback: FeedbackPolicy = FeedbackPolicy()
    profile: Slug = "cpu"
    preload: tuple[ModuleName, ...] = Field(default=(), description="modules a grading process imports once")
    limits: AssignmentLimits = AssignmentLimits()
    ncs: tuple[NcsTag, ...] = ()
    roles: tuple[Slug, ...] = ()
    rubrics: tuple[Rubric, ...] = ()

    @model_validator(mode="after")
    def _moments_are_in_order(self) -> Self:
        if not self.opens.sort_key < self.due.sort_key <= self.closes.sort_key:
            raise ValueError("opens must come before due, and due not after closes")
        return self

    @model_validator(mode="after")
    def _a_reviewer_is_from_elsewhere(self) -> Self:
        if any(person.university == self.university for person in self.reviewers):
            raise ValueError("a reviewer must come from another university than the one that owns the assignment")
        return self


class Role(Frozen):
    """A job this course prepares for."""

    id: Slug
    name: Text


class CourseSpec(Frozen):
    """The whole of a course.yaml."""

    id: Slug
    title: Text
    summary: Text
    university: Slug
    authors: tuple[Person, ...] = Field(min_length=1)
    licence: Licence
    hours: float = Field(gt=0)
    ncs: tuple[NcsTag, ...] = ()
    roles: tuple[Role, ...] = ()
    assignments: tuple[AssignmentSpec, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_unique_and_known(self) -> Self:
        names = [assignment.id for assignment in self.assignments]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"assignments appear twice: {', '.join(twice)}")
        known = {role.id for role in self.roles}
        strange = sorted({role for a in self.assignments for role in a.roles} - known)
        if strange:
            raise ValueError(f"roles of an assignment that the course does not define: {', '.join(strange)}")
        return self

    @property
    def universities(self) -> frozenset[str]:
        """Codes of every university that this file names."""
        people = [*self.authors, *(p for a in self.assignments for p in (*a.authors, *a.reviewers))]
        owners = {self.university, *(a.university for a in self.assignments)}
        return frozenset(owners | {person.university for person in people})


def is_grade_id(text: str) -> bool:
    """Whether nbgrader and notebook cell ids accept this name."""
    return re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text) is not None
