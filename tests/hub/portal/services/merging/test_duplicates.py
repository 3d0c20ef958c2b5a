"""Which persons are listed as likely duplicates, to whom, and what takes a pair off the list."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from hub.portal.models import Cohort, Enrolment, EnrolmentState, Person, Role
from hub.portal.services.audit import Actor
from hub.portal.services.merging.duplicates import likely_pairs, tell_apart
from hub.portal.services.merging.merges import merge_people

BORN = date(2001, 2, 3)


def add(campus, name: str, born: date | None = BORN, phone: str | None = "01012345678", cohort: str = "gnu-1") -> int:
    with campus.database.writing() as session:
        found = session.scalars(sa.select(Cohort).where(Cohort.slug == cohort)).one()
        person = Person(name=name, birth_date=born, phone=phone)
        session.add(person)
        session.flush()
        facts = {"university_id": found.university_id, "state": EnrolmentState.ADMITTED}
        session.add(Enrolment(person_id=person.id, cohort_id=found.id, **facts))
        return person.id


def pairs(campus, coordinator: str = "oh", university: str | None = None) -> list[tuple[int, int, tuple[str, ...]]]:
    person_id = campus.person(coordinator, Role.COORDINATOR, university)
    with campus.database.reading() as session:
        return [(each.one.person_id, each.other.person_id, each.shared) for each in likely_pairs(session, person_id)]


@pytest.mark.parametrize(
    ("name", "born", "phone", "shared"),
    [
        ("김민수", BORN, "01012345678", ("name", "birth_date", "phone")),
        ("김 민수", BORN, "010-1234-5678", ("name", "birth_date", "phone")),
        ("김민수", BORN, "01099999999", ("name", "birth_date")),
        ("김민수", None, "01012345678", ("name", "phone")),
        ("김민서", BORN, "01012345678", ("birth_date", "phone")),
        ("김민수", None, None, None),
        ("이수아", None, "01012345678", None),
        ("이수아", BORN, None, None),
    ],
)
def test_two_of_three_are_listed(sqlite_campus, name, born, phone, shared) -> None:
    one, other = add(sqlite_campus, "김민수"), add(sqlite_campus, name, born, phone, "inje-1")
    assert pairs(sqlite_campus) == ([] if shared is None else [(one, other, shared)])


def test_the_surest_come_first(campus) -> None:
    add(campus, "박하나", BORN, "01011111111"), add(campus, "박하나", BORN, "01022222222")
    add(campus, "한서준", date(2000, 1, 1), "01033333333"), add(campus, "한서준", date(2000, 1, 1), "01033333333")
    assert [len(shared) for *_, shared in pairs(campus)] == [3, 2]


def test_a_coordinator_of_one_university_sees_only_pairs_of_its_own_people(campus) -> None:
    add(campus, "김민수"), add(campus, "김민수", cohort="inje-1")
    assert len(pairs(campus)) == 1
    assert pairs(campus, "gnu-oh", "gnu") == []


def test_who_was_told_apart_or_merged_is_not_listed_again(campus) -> None:
    one, two, three = (add(campus, "김민수", cohort=cohort) for cohort in ("gnu-1", "inje-1", "cwnu-1"))
    actor = Actor("oh", campus.person("oh", Role.COORDINATOR, None))
    with campus.database.writing() as session:
        tell_apart(session, actor, three, one, campus.now)
        tell_apart(session, actor, one, three, campus.now)
    assert [(a, b) for a, b, _ in pairs(campus)] == [(one, two), (two, three)]
    with campus.database.writing() as session:
        merge_people(session, actor, one, two, "같은 사람", campus.now)
    assert pairs(campus) == []


def test_a_value_that_a_crowd_shares_says_nothing(sqlite_campus) -> None:
    for number in range(9):
        add(sqlite_campus, f"직원{chr(0xAC00 + number)}", BORN, "0551234567")
    assert pairs(sqlite_campus) == []
