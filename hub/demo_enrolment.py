"""Brings the people of a demonstration class into the platform: accounts at the hub, people and roles in the portal.

Every class is a new one, so that earlier attempts can't be taken for this one's; its accounts are shut at the end.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from hub.accounts import Accounts, make_password
from hub.demo_roles import Role, role_of
from hub.portal.database import Database
from hub.portal.models import Role as PortalRole
from hub.portal.services.demo import DemoPerson, ensure_programme
from hub.settings import Settings

#: Without vowels and look-alikes: no word comes out of it by chance.
_SIGNS = "bcdfghjkmnpqrstvwxz23456789"


@dataclass(frozen=True, repr=False)
class ClassMember:
    """One student of the class. The password is known to this process only."""

    number: int
    username: str
    password: str
    name: str
    university: str
    role: Role


@dataclass(frozen=True, repr=False)
class DemoClass:
    """The students and the coordinator who watches them."""

    students: tuple[ClassMember, ...]
    coordinator: str
    coordinator_password: str


def make_class(count: int, universities: Sequence[str]) -> DemoClass:
    """Invent ``count`` students, spread over the universities, one role after another."""
    run = "".join(secrets.choice(_SIGNS) for _ in range(5))
    students = tuple(_student(run, number, universities) for number in range(count))
    return DemoClass(students, f"demo-{run}-coordinator", make_password())


def _student(run: str, number: int, universities: Sequence[str]) -> ClassMember:
    role = role_of(number)
    return ClassMember(
        number=number + 1,
        username=f"demo-{run}-{number + 1:03d}",
        password=make_password(),
        name=f"시연{number + 1:03d}",
        university=universities[number % len(universities)],
        role=role,
    )


def admit_coordinator(settings: Settings, made: DemoClass) -> None:
    """Make the coordinator, so that the figures before the class can be read."""
    Accounts(settings.accounts_path).create(made.coordinator, made.coordinator_password)
    _ensure_people(settings, [DemoPerson(made.coordinator, "시연 담당자", PortalRole.COORDINATOR)])


def admit_students(settings: Settings, made: DemoClass, with_password: int) -> None:
    """Enrol all students; the first ``with_password`` get an account to sign in with (hashing takes its time)."""
    accounts = Accounts(settings.accounts_path)
    for student in made.students[:with_password]:
        accounts.create(student.username, student.password)
    _ensure_people(settings, [_person(student) for student in made.students])


def shut_accounts(settings: Settings, made: DemoClass) -> None:
    """Nobody can sign in as a person of the class any more; what they handed in stays."""
    accounts = Accounts(settings.accounts_path)
    for username in (made.coordinator, *(student.username for student in made.students)):
        if accounts.get(username) is not None:
            accounts.set_disabled(username, True)


def _person(student: ClassMember) -> DemoPerson:
    return DemoPerson(student.username, student.name, PortalRole.STUDENT, student.university)


def _ensure_people(settings: Settings, people: Sequence[DemoPerson]) -> None:
    database = Database.at(settings.database)
    try:
        with database.writing() as session:
            ensure_programme(session, people)
    finally:
        database.dispose()
