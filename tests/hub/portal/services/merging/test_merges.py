"""Merging two persons and undoing it: everything goes along, everything comes back, whatever happened in between."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError, DomainError, InvalidError
from hub.portal.models import (
    AssignmentFetch,
    Attempt,
    AuditEvent,
    Base,
    Cohort,
    Enrolment,
    EnrolmentState,
    Grade,
    Login,
    MailMessage,
    MailRefusal,
    Person,
    PersonMerge,
    Role,
)
from hub.portal.services.audit import Actor, find_break
from hub.portal.services.mail.outbox import queue_mail
from hub.portal.services.merging.merges import may_merge, merge_people, undo_merge
from hub.portal.services.merging.references import MOVING, STAYING, references, unknown_references
from hub.portal.sessions import find_person_id

NAMES = ("minsu", "sua", "jun", "hana")
UNIVERSITIES = ("gnu", "cwnu", "kyungnam", "inje")
FACTS = {"title": "t", "body": "b", "course": {"ko": "가", "en": "a"}, "path": "/"}


class People:
    """Four students of four universities, two of whom have handed in; and a coordinator who acts."""

    def __init__(self, campus) -> None:
        self.campus = campus
        self.ids = [campus.person(name, university=code) for name, code in zip(NAMES, UNIVERSITIES, strict=True)]
        self.actor = Actor("oh", campus.person("oh", Role.COORDINATOR, None))
        campus.submit(self.ids[0])
        campus.grade(8)
        campus.submit(self.ids[0])

    def merge(self, kept: int, merged: int, session: Session | None = None) -> int:
        if session is not None:
            return self._merge(session, kept, merged)
        with self.campus.database.writing() as own:
            return self._merge(own, kept, merged)

    def _merge(self, session: Session, kept: int, merged: int) -> int:
        return merge_people(session, self.actor, self.ids[kept], self.ids[merged], "같은 사람", self.campus.now).id

    def undo(self, merge_id: int) -> None:
        with self.campus.database.writing() as session:
            undo_merge(session, self.actor, session.get_one(PersonMerge, merge_id), "잘못", self.campus.now)


@pytest.fixture
def people(campus) -> People:
    return People(campus)


@pytest.fixture
def sqlite_people(sqlite_campus) -> People:
    return People(sqlite_campus)


#: Logs grow whatever happens; all else must come back as it was.
LOGS = ("audit_event", "person_merge")


def dump(session: Session) -> dict[str, list[Any]]:
    session.flush()
    tables = [table for table in Base.metadata.sorted_tables if table.name not in LOGS]
    return {table.name: sorted(map(repr, session.execute(sa.select(table)))) for table in tables}


def test_what_a_merge_does_is_said_for_every_column_that_names_a_person() -> None:
    assert unknown_references() == set()
    assert set(MOVING) | STAYING <= set(references())
    assert not set(MOVING) & STAYING


def test_everything_goes_to_the_kept_person_and_comes_back(people) -> None:
    campus, (minsu, sua, *_) = people.campus, people.ids
    with campus.database.reading() as session:
        before = dump(session)
    merge = people.merge(1, 0)
    with campus.database.reading() as session:
        assert find_person_id(session, "minsu") == sua
        for model in (Login, Enrolment, Attempt, Grade):
            owners = set(session.scalars(sa.select(model.person_id)))
            assert minsu not in owners
            assert sua in owners
        assert session.get_one(Person, minsu).merged_into_id == sua
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "person.merged")).one()
        assert event.detail["people"] == [sua, minsu]
        assert event.reason == "같은 사람"
    people.undo(merge)
    with campus.database.reading() as session:
        assert dump(session) == before
        assert find_break(session) is None


def test_work_goes_on_after_a_merge_and_stays_with_the_kept_person(people) -> None:
    campus, (minsu, sua, *_) = people.campus, people.ids
    merge = people.merge(1, 0)
    third = campus.submit(sua)
    assert third.attempt.number == 3
    people.undo(merge)
    assert campus.count(Attempt, person_id=minsu) == 2
    assert campus.get(Attempt, person_id=sua).number == 3


def test_both_in_one_cohort_is_explained_and_changes_nothing(people) -> None:
    campus, sua = people.campus, people.ids[1]
    with campus.database.writing() as session:
        cohort = session.scalars(sa.select(Cohort).where(Cohort.slug == "gnu-1")).one()
        facts = {"cohort_id": cohort.id, "university_id": cohort.university_id, "state": EnrolmentState.ADMITTED}
        session.add(Enrolment(person_id=sua, **facts))
        session.flush()
        before = dump(session)
    with pytest.raises(ConflictError, match="same cohort"):
        people.merge(1, 0)
    with campus.database.reading() as session:
        assert dump(session) == before


def test_both_with_work_in_one_assignment_is_refused(people) -> None:
    people.campus.submit(people.ids[1])
    with pytest.raises(ConflictError, match="same assignment"):
        people.merge(1, 0)


def test_a_later_merge_is_undone_first(people) -> None:
    first = people.merge(1, 0)
    second = people.merge(2, 1)
    with people.campus.database.reading() as session:
        assert session.get_one(Person, people.ids[0]).merged_into_id == people.ids[2], "no chain is left to follow"
    with pytest.raises(ConflictError, match="later"):
        people.undo(first)
    people.undo(second)
    people.undo(first)
    with pytest.raises(ConflictError, match="already"):
        people.undo(first)


@pytest.mark.parametrize(("kept", "merged"), [(0, 0), (0, 1)])
def test_one_and_the_same_or_one_merged_already_is_refused(people, kept: int, merged: int) -> None:
    people.merge(2, 1)
    with pytest.raises(DomainError):
        people.merge(kept, merged)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_nobody_is_merged_without_a_reason(sqlite_people, reason: str) -> None:
    people = sqlite_people
    with people.campus.database.writing() as session, pytest.raises(InvalidError):
        merge_people(session, people.actor, people.ids[0], people.ids[1], reason, people.campus.now)


def test_what_the_kept_person_lacks_is_filled_in_and_taken_back_unless_corrected(people) -> None:
    campus, (minsu, sua, *_) = people.campus, people.ids
    with campus.database.writing() as session:
        session.get_one(Person, minsu).email = "minsu@example.ac.kr"
        session.get_one(Person, minsu).phone = "01012345678"
    merge = people.merge(1, 0)
    with campus.database.writing() as session:
        kept = session.get_one(Person, sua)
        assert (kept.email, kept.phone) == ("minsu@example.ac.kr", "01012345678")
        kept.phone = "01099999999"
    people.undo(merge)
    kept = campus.get(Person, id=sua)
    assert (kept.email, kept.phone) == (None, "01099999999")


def test_the_database_moves_attempts_along_a_merge_only(campus) -> None:
    people = People(campus)
    for statement in ("person_id = :other", "number = 99", "receipt_id = 'x'"):
        with pytest.raises(DBAPIError, match="never change"), campus.database.writing() as session:
            session.execute(sa.text(f"UPDATE attempt SET {statement}"), {"other": people.ids[3]})
    people.merge(1, 0)
    with pytest.raises(DBAPIError, match="never change"), campus.database.writing() as session:
        session.execute(sa.text("UPDATE attempt SET person_id = :other"), {"other": people.ids[3]})


def test_the_triggers_name_every_column_of_an_attempt(sqlite_campus) -> None:
    with sqlite_campus.database.reading() as session:
        for table in ("attempt", "attempt_member"):
            query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
            text = " ".join(session.scalars(query, {"table": table}))
            columns = {column.name for column in Base.metadata.tables[table].columns}
            assert {name for name in columns if name not in text} == set()


def test_who_may_merge(sqlite_campus) -> None:
    campus = sqlite_campus
    people = People(campus)
    gnu = campus.person("gnu-oh", Role.COORDINATOR, "gnu")
    teacher, root = campus.person("teacher", Role.INSTRUCTOR, "gnu"), campus.person("root", Role.ADMINISTRATOR, None)
    other = campus.person("other", university="gnu")
    minsu, sua, *_ = people.ids
    with campus.database.reading() as session:
        assert may_merge(session, people.actor.person_id, minsu, sua)
        assert may_merge(session, gnu, minsu, other)
        assert not may_merge(session, gnu, minsu, sua), "one of them is another university's"
        assert not may_merge(session, people.actor.person_id, minsu, teacher), "a role would come along"
        assert not may_merge(session, teacher, minsu, other)
        assert not may_merge(session, minsu, minsu, sua)
        assert may_merge(session, root, minsu, teacher)


extras = st.lists(st.tuples(st.sampled_from(["mail", "refusal", "fetch", "login"]), st.integers(0, 3)), max_size=8)
deeds = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("undo"), st.integers(0, 5), st.just(0)),
    ),
    max_size=10,
)


def add_extra(session: Session, people: People, kind: str, who: int, number: int) -> None:
    person_id, version = people.ids[who], session.scalars(sa.select(Attempt.version_id)).first()
    if kind == "mail":
        queue_mail(session, "announcement", person_id, f"announcement:{number % 2}", FACTS, now=people.campus.now)
    elif kind == "refusal":
        session.merge(MailRefusal(person_id=person_id, kind="announcement", since=people.campus.now))
    elif kind == "login":
        session.add(Login(issuer="hub", subject=f"extra{number}", person_id=person_id, created_at=people.campus.now))
    elif not session.scalars(sa.select(AssignmentFetch).filter_by(person_id=person_id, version_id=version)).first():
        at = people.campus.now
        session.add(AssignmentFetch(person_id=person_id, version_id=version, first_at=at, last_at=at))
    session.flush()


def try_deed(session: Session, people: People, deed: tuple[str, int, int]) -> None:
    before = dump(session)
    merges = list(session.scalars(sa.select(PersonMerge).order_by(PersonMerge.id)))
    try:
        if deed[0] == "merge":
            people.merge(deed[1], deed[2], session)
        elif merges:
            undo_merge(session, people.actor, merges[deed[1] % len(merges)], "r", people.campus.now)
    except DomainError:
        assert dump(session) == before, "what was refused changed something"


def undo_everything(session: Session, people: People) -> None:
    while active := list(session.scalars(sa.select(PersonMerge).where(PersonMerge.undone_at.is_(None)))):
        for merge in active:
            try:
                undo_merge(session, people.actor, merge, "r", people.campus.now)
            except ConflictError:
                continue


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(extras=extras, deeds=deeds)
def test_after_any_history_undoing_all_merges_gives_exactly_what_was(sqlite_people, extras, deeds) -> None:
    people = sqlite_people
    with people.campus.database.writers() as session:
        for number, (kind, who) in enumerate(extras):
            add_extra(session, people, kind, who, number)
        before = dump(session)
        for deed in deeds:
            try_deed(session, people, deed)
        undo_everything(session, people)
        session.expire_all()
        assert dump(session) == before
        session.rollback()


def test_a_mail_of_both_stays_with_each(people) -> None:
    campus = people.campus
    with campus.database.writing() as session:
        for person_id in people.ids[:2]:
            queue_mail(session, "announcement", person_id, "announcement:1", FACTS, now=campus.now)
    people.merge(1, 0)
    assert campus.count(MailMessage, person_id=people.ids[0]) == 1
