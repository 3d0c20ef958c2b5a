"""The staff of a generated programme: a coordinator for all, a coordinator and an instructor for each university."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from hub.portal.models import Course, Login, Person, Role, RoleGrant, University
from hub.portal.services.demo import HUB_ISSUER
from hub.portal.services.programme.generated_people import make_name


@dataclass(frozen=True)
class Staff:
    """Ids of the universities' coordinators in the order of the universities, and the logins of all staff."""

    coordinators: tuple[int, ...]
    logins: tuple[str, ...]


def make_staff(
    session: Session,
    random: Random,
    prefix: str,
    universities: Sequence[University],
    courses: Sequence[Course],
    at: datetime,
) -> Staff:
    """Make staff with their grants; nobody can sign in before an account of that name is made."""
    hiring = _Hiring(session, random, at)
    logins = [f"{prefix}coordinator"]
    hiring.hire(logins[0], Role.COORDINATOR, [None], None)
    coordinators = []
    for university in universities:
        mine = [f"{prefix}{university.slug}-coordinator", f"{prefix}{university.slug}-instructor"]
        coordinators.append(hiring.hire(mine[0], Role.COORDINATOR, [None], university.id))
        hiring.hire(mine[1], Role.INSTRUCTOR, [course.id for course in courses], university.id)
        logins += mine
    return Staff(tuple(coordinators), tuple(logins))


class _Hiring:
    def __init__(self, session: Session, random: Random, at: datetime) -> None:
        self._session, self._random, self._at = session, random, at

    def hire(self, subject: str, role: Role, courses: Sequence[int | None], university_id: int | None) -> int:
        """Make a person with a login and a grant for each course (None: for no course in particular)."""
        person = Person(name=make_name(self._random), email=f"{subject}@staff.example", created_at=self._at)
        self._session.add(Login(issuer=HUB_ISSUER, subject=subject, person=person, created_at=self._at))
        self._session.flush()
        whose = {"person_id": person.id, "role": role, "university_id": university_id, "granted_at": self._at}
        self._session.add_all([RoleGrant(course_id=course_id, **whose) for course_id in courses])
        self._session.flush()
        return person.id
