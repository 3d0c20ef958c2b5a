"""Who may use a pool or a profile, read from the hub's groups: the portal writes them from enrolments and roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from courses.schema import Frozen, Slug

Role = Literal["student", "instructor", "coordinator", "administrator"]

ROLES: tuple[Role, ...] = ("student", "instructor", "coordinator", "administrator")


class Access(Frozen):
    """Everyone, or whoever fits at least one of the lists. An empty rule is refused: it would mean nobody or all."""

    everyone: bool = False
    groups: tuple[Annotated[str, Field(min_length=1, max_length=255)], ...] = ()
    courses: tuple[Slug, ...] = Field(default=(), description="people who are enrolled in or teach one of these")
    roles: tuple[Role, ...] = Field(default=(), description="people who have one of these roles anywhere")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.everyone == bool(self.groups or self.courses or self.roles):
            raise ValueError("say either everyone: true, or list groups, courses or roles")
        return self


EVERYONE = Access(everyone=True)


def course_group(course: str, role: Role) -> str:
    """Return the hub group of the people who have ``role`` in ``course``: ``course:manufacturing-ai:student``."""
    return f"course:{course}:{role}"


def role_group(role: Role) -> str:
    """Return the hub group of the people who have ``role`` in the programme: ``role:coordinator``."""
    return f"role:{role}"


def courses_of(groups: Iterable[str]) -> tuple[str, ...]:
    """Return the courses that somebody in these groups belongs to, sorted."""
    parts = (group.split(":") for group in groups)
    return tuple(sorted({part[1] for part in parts if len(part) == 3 and part[0] == "course" and part[2] in ROLES}))


def roles_of(groups: Iterable[str]) -> frozenset[str]:
    """Return the roles that somebody in these groups has, in a course or in the programme."""
    ends = {group.rpartition(":")[2] for group in groups if group.startswith(("course:", "role:"))}
    return frozenset(ends & set(ROLES))


def may_use(access: Access, groups: Iterable[str]) -> bool:
    """Say whether somebody in these hub groups fits the rule."""
    own = frozenset(groups)
    return (
        access.everyone
        or not own.isdisjoint(access.groups)
        or not set(courses_of(own)).isdisjoint(access.courses)
        or not roles_of(own).isdisjoint(access.roles)
    )
