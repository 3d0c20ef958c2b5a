"""Closed counts never change, can be worked out again, and are corrected beside themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from hub.portal.database import Database, migrate
from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import (
    AuditEvent,
    Cohort,
    DecisionKind,
    EnrolmentParticulars,
    KpiAdjustment,
    KpiSnapshot,
    KpiSnapshotPerson,
    Person,
    Programme,
    Track,
)
from hub.portal.services.programme import snapshots as service
from hub.portal.services.programme.closing import ITSELF, is_month_open, programmes_to_close
from hub.portal.services.programme.snapshot_adjustments import (
    Cause,
    Correction,
    adjust,
    adjusted_people,
    adjustments_of,
    differences,
)
from hub.portal.services.timetable import KST
from tests.hub.portal.services.programme.kpi_rows import DONE, NOT_DONE, Programmes, noon

OCTOBER = date(2026, 10, 31)


def close(programmes: Programmes, day: date = OCTOBER, now: datetime | None = None) -> int:
    with programmes.database.writing() as session:
        programme = session.get_one(Programme, programmes.programme_id)
        return service.take_snapshot(session, programmes.actor, programme, day, now or programmes.now).id


def look(programmes: Programmes, snapshot_id: int):
    """All that a snapshot says, and whether its rows hold."""
    with programmes.database.reading() as session:
        snapshot = session.get_one(KpiSnapshot, snapshot_id)
        counted = [(row.person_id, row.university_id, row.decision_id) for row in service.counted_in(session, snapshot)]
        return snapshot.headcount, snapshot.completions, snapshot.figures, counted, service.is_intact(session, snapshot)


def open_differences(programmes: Programmes, snapshot_id: int, now: datetime | None = None):
    with programmes.database.reading() as session:
        found = differences(session, session.get_one(KpiSnapshot, snapshot_id), now or programmes.now)
        return [(each.person_id, each.change, each.cause) for each in found]


def correct(programmes: Programmes, snapshot_id: int, person: int, change: int, reason: str = "점검 결과") -> None:
    with programmes.database.writing() as session:
        snapshot = session.get_one(KpiSnapshot, snapshot_id)
        adjust(session, programmes.actor, snapshot, Correction(person, change, reason), programmes.now)


def test_a_snapshot_keeps_figures_people_rules_and_digest(programmes: Programmes):
    mill = programmes.company("한빛정밀", "changwon")
    person = programmes.person()
    first = programmes.complete("gnu-1", person=person, company_id=mill, track=Track.EMPLOYEE)
    programmes.complete("inje-1", noon(9, 1), person)
    programmes.complete("inje-1", noon(11, 1))  # after the day
    programmes.enrol(programmes.person(), "inje-1")
    number = close(programmes)
    with programmes.database.reading() as session:
        snapshot = session.get_one(KpiSnapshot, number)
        assert (snapshot.headcount, snapshot.completions, snapshot.target) == (1, 2, 300)
        assert snapshot.figures["started"] == 3
        assert snapshot.figures["university"] == {str(programmes.universities["gnu"]): {"counted": 1, "completions": 2}}
        assert snapshot.figures["region"] == {"changwon": {"counted": 1, "completions": 2}}
        assert snapshot.figures["track"] == {"employee": {"counted": 1, "completions": 2}}
        [row] = service.counted_in(session, snapshot)
        assert (row.person_id, row.enrolment_id, row.company_id) == (person, first, mill)
        [rule] = snapshot.rule_versions
        assert (rule["cohort"], rule["number"]) == ("gnu-1", 1)
        assert service.is_intact(session, snapshot)
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "kpi.closed")).one()
        assert event.detail["digest"] == snapshot.digest


@pytest.mark.parametrize("counted", [True, False])
def test_the_last_second_of_the_day_in_seoul_counts_and_the_next_does_not(programmes: Programmes, counted: bool):
    midnight = datetime(2026, 11, 1, tzinfo=KST)
    programmes.complete("gnu-1", midnight - timedelta(seconds=1) if counted else midnight)
    assert look(programmes, close(programmes))[0] == int(counted)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 11, 22), date(2026, 12, 31)])
def test_only_a_day_of_the_programme_that_is_over_can_be_closed(programmes: Programmes, day: date):
    with pytest.raises(InvalidError):
        close(programmes, day)


def test_a_day_is_closed_once(programmes: Programmes):
    close(programmes)
    with pytest.raises(ConflictError):
        close(programmes)


TABLES = {
    "kpi_snapshot": "headcount = 299",
    "kpi_snapshot_person": "completions = 9",
    "kpi_adjustment": "change = 1",
    "kpi_attribution": "reason = 'x'",
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("deed", ["UPDATE", "DELETE"])
def test_the_database_refuses_to_change_what_was_closed(programmes: Programmes, table: str, deed: str):
    enrolment = programmes.complete("gnu-1")
    number = close(programmes)
    programmes.decide(enrolment, noon(11, 2), NOT_DONE, DecisionKind.REVOKED)
    correct(programmes, number, programmes.whose(enrolment), -1)
    with programmes.database.writing() as session:
        made = "'r', 1, '2026-11-01'"
        session.execute(
            sa.text(
                "INSERT INTO kpi_attribution (programme_id, person_id, reason, made_by_id, made_at)"
                f" VALUES ({programmes.programme_id}, {programmes.whose(enrolment)}, {made})"
            )
        )
    statement = f"UPDATE {table} SET {TABLES[table]}" if deed == "UPDATE" else f"DELETE FROM {table}"
    with pytest.raises(DBAPIError, match="never change"), programmes.database.writing() as session:
        session.execute(sa.text(statement))


def test_a_row_slipped_in_shows(programmes: Programmes):
    enrolment = programmes.complete("gnu-1")
    number = close(programmes)
    with programmes.database.writing() as session:
        row = session.scalars(sa.select(KpiSnapshotPerson)).one()
        copied = {column.key: getattr(row, column.key) for column in KpiSnapshotPerson.__table__.columns}
        session.add(KpiSnapshotPerson(**(copied | {"person_id": programmes.actor.person_id})))
    assert look(programmes, number)[-1] is False
    assert enrolment


def test_a_revoked_completion_is_corrected_once_with_a_reason(programmes: Programmes):
    enrolment = programmes.complete("gnu-1")
    person = programmes.whose(enrolment)
    number = close(programmes)
    assert open_differences(programmes, number) == []
    programmes.decide(enrolment, noon(11, 2), NOT_DONE, DecisionKind.REVOKED)
    assert open_differences(programmes, number) == [(person, -1, Cause.REVOKED)]
    with pytest.raises(InvalidError):
        correct(programmes, number, person, -1, " ")
    correct(programmes, number, person, -1)
    assert open_differences(programmes, number) == []
    with pytest.raises(ConflictError):
        correct(programmes, number, person, -1)
    assert look(programmes, number)[0] == 1


def test_a_double_found_later_is_one_person_less(programmes: Programmes):
    first, double = programmes.person(), programmes.person()
    programmes.complete("gnu-1", person=first)
    programmes.complete("gnu-2", person=double)
    number = close(programmes)
    programmes.merge(double, first)
    assert open_differences(programmes, number) == [(double, -1, Cause.MERGED)]
    correct(programmes, number, double, -1)
    programmes.merge(double, None)  # it was undone: the double counts again
    assert open_differences(programmes, number) == [(double, 1, Cause.MISSING)]
    correct(programmes, number, double, 1)
    with programmes.database.reading() as session:
        snapshot = session.get_one(KpiSnapshot, number)
        assert [row.change for row in adjustments_of(session, snapshot)] == [-1, 1]
        assert len(adjusted_people(session, snapshot)) == 2


def test_a_merge_into_somebody_who_never_completed_changes_nothing(programmes: Programmes):
    double, person = programmes.person(), programmes.person()
    programmes.complete("gnu-1", person=double)
    number = close(programmes)
    programmes.merge(double, person)
    assert open_differences(programmes, number) == []


def test_a_cohort_that_counts_later_is_missing_from_an_earlier_snapshot(programmes: Programmes):
    programmes.change(Cohort, programmes.cohorts["gnu-1"], counts_toward_programme=False)
    person = programmes.whose(programmes.complete("gnu-1"))
    number = close(programmes)
    programmes.change(Cohort, programmes.cohorts["gnu-1"], counts_toward_programme=True)
    assert open_differences(programmes, number) == [(person, 1, Cause.MISSING)]


def test_what_today_s_data_does_not_show_can_t_be_corrected(programmes: Programmes):
    person = programmes.whose(programmes.complete("gnu-1"))
    number = close(programmes)
    for change in (-1, 1):
        with pytest.raises(ConflictError):
            correct(programmes, number, person, change)


def test_a_university_s_staff_see_their_part_of_people_and_corrections(programmes: Programmes):
    gone = programmes.complete("gnu-1")
    programmes.complete("inje-1")
    number = close(programmes)
    programmes.decide(gone, noon(11, 2), NOT_DONE, DecisionKind.REVOKED)
    correct(programmes, number, programmes.whose(gone), -1)
    with programmes.database.reading() as session:
        snapshot = session.get_one(KpiSnapshot, number)
        for slug, people, corrections in (("gnu", 1, 1), ("inje", 1, 0)):
            own = frozenset({programmes.universities[slug]})
            assert len(service.counted_in(session, snapshot, own)) == people
            assert len(adjustments_of(session, snapshot, own)) == corrections


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 10, 31, 14, 59, tzinfo=UTC), date(2026, 9, 30)),  # 23:59 in Seoul
        (datetime(2026, 10, 31, 15, 0, tzinfo=UTC), date(2026, 10, 31)),  # midnight in Seoul
        (datetime(2027, 1, 1, 3, 0, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2028, 3, 1, 0, 0, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_the_last_month_end_is_one_in_seoul(now: datetime, day: date):
    assert service.last_month_end(now) == day


def test_the_month_that_ended_closes_itself_and_older_ones_stay_open(programmes: Programmes):
    programmes.complete("gnu-1")
    with programmes.database.writing() as session:
        assert is_month_open(session, programmes.now)
        for programme in programmes_to_close(session, programmes.now):
            service.take_snapshot(session, ITSELF, programme, OCTOBER, programmes.now)
        assert not is_month_open(session, programmes.now)
        assert [row.closing_date for row in service.list_snapshots(session, programmes.programme_id)] == [OCTOBER]
        assert session.scalars(sa.select(KpiSnapshot)).one().made_by_id is None


@pytest.mark.parametrize(
    ("now", "is_open"), [(noon(1, 5), False), (noon(2, 5), True), (noon(1, 5, 2027), True), (noon(2, 5, 2027), False)]
)
def test_months_outside_the_programme_are_not_closed(programmes: Programmes, now: datetime, is_open: bool):
    with programmes.database.reading() as session:
        assert is_month_open(session, now) is is_open


CHANGES = ("revoke", "appeal", "merge", "unmerge", "flip", "move", "rename", "complete", "correct", "close again")


@pytest.fixture(scope="module")
def property_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("snapshots") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 5), st.integers(0, 5)), max_size=8))
def test_nothing_that_happens_later_changes_a_snapshot_and_corrections_add_up(property_template, tmp_path, changes):
    path = tmp_path / "property.db"
    path.write_bytes(property_template.read_bytes())
    database = Database.at(f"sqlite:///{path}")
    try:
        programmes = Programmes(database).open()
        cohorts = ("gnu-1", "gnu-2", "inje-1")
        rows = [programmes.complete(cohorts[index % 3]) for index in range(4)]
        rows += [programmes.enrol(programmes.person(), "inje-1") for _ in range(2)]
        people = [programmes.whose(row) for row in rows]
        number = close(programmes)
        before = look(programmes, number)
        for step, (change, one, other) in enumerate(changes):
            _happen(programmes, number, (change, rows[one], people[one], people[other]), noon(11, 2 + step))
            assert look(programmes, number) == before
        assert before[-1] is True
        _check_corrections(programmes, number, before)
    finally:
        database.dispose()


def _happen(programmes: Programmes, number: int, what: tuple[str, int, int, int], at: datetime) -> None:
    change, enrolment, person, other = what
    if change in ("revoke", "appeal", "complete"):
        outcome = NOT_DONE if change == "revoke" else DONE
        kind = {"revoke": DecisionKind.REVOKED, "appeal": DecisionKind.APPEAL}.get(change, DecisionKind.CONFIRMED)
        programmes.decide(enrolment, at, outcome, kind)
    elif change in ("merge", "unmerge"):
        programmes.merge(person, other if change == "merge" and other > person else None)
    elif change == "flip":
        programmes.change(Cohort, programmes.cohorts["gnu-1"], counts_toward_programme=bool(person % 2))
    elif change == "move":
        with programmes.database.writing() as session:
            row = {"enrolment_id": enrolment, "university_id": programmes.universities["gnu"], "home_region": "jinju"}
            session.merge(EnrolmentParticulars(**row))
    elif change == "rename":
        programmes.change(Person, person, name="이름바꿈")
    elif change == "correct":
        for who, by, _cause in open_differences(programmes, number):
            correct(programmes, number, who, by)
    else:
        with pytest.raises(ConflictError):
            close(programmes)


def _check_corrections(programmes: Programmes, number: int, before) -> None:
    with programmes.database.reading() as session:
        snapshot = session.get_one(KpiSnapshot, number)
        total = session.scalar(sa.select(sa.func.coalesce(sa.func.sum(KpiAdjustment.change), 0)))
        assert len(adjusted_people(session, snapshot)) == before[0] + total
    for who, by, _cause in open_differences(programmes, number):
        correct(programmes, number, who, by)
    assert open_differences(programmes, number) == []
