"""Who counts toward the goal, once, where, and by what: the rules of the goal number."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
import sqlalchemy as sa

from hub.portal.errors import InvalidError
from hub.portal.models import Cohort, DecisionKind, EnrolmentEvent, EnrolmentState, Programme, Track
from hub.portal.services.programme.kpi import needed_starters
from hub.portal.services.programme.kpi_attribution import attribute, universities_of
from hub.portal.services.programme.kpi_cube import Count
from tests.hub.portal.services.programme.kpi_rows import DONE, NOT_DONE, Programmes, noon


def lines(of) -> dict[str, tuple[int, int]]:
    return {line.key: (line.count.started, line.count.counted) for line in of}


def test_two_completions_of_one_person_are_one_person_and_two_completions(programmes: Programmes):
    person = programmes.person()
    programmes.complete("gnu-1", noon(6, 30), person)
    programmes.complete("inje-1", noon(9, 30), person)
    found = programmes.kpi()
    assert (found.headcount, found.completions) == (1, 2)
    assert lines(found.breakdowns.university) == {"gnu": (1, 1)}
    assert [(line.cohort.slug, line.started, line.completed) for line in found.cohorts] == [
        ("gnu-1", 1, 1),
        ("inje-1", 1, 1),
    ]


@pytest.mark.parametrize("chain", [1, 2, 3])
def test_merged_people_are_one_through_any_number_of_merges(programmes: Programmes, chain: int):
    people = [programmes.person() for _ in range(chain + 1)]
    for person, cohort in zip(people, ("gnu-1", "gnu-2", "inje-1", "gnu-1"), strict=False):
        programmes.complete(cohort, person=person)
    for person, into in pairwise(people):
        programmes.merge(person, into)
    assert (programmes.kpi().headcount, programmes.kpi().completions) == (1, chain + 1)
    programmes.merge(people[0], None)
    assert programmes.kpi().headcount == 2


def test_a_circle_of_merges_ends_and_loses_nobody(programmes: Programmes):
    first, second = programmes.person(), programmes.person()
    programmes.complete("gnu-1", person=first)
    programmes.complete("gnu-2", person=second)
    programmes.merge(first, second)
    programmes.merge(second, first)
    assert programmes.kpi().headcount == 2


@pytest.mark.parametrize(
    ("decisions", "counted"),
    [
        ([(DONE, DecisionKind.CONFIRMED)], 1),
        ([(NOT_DONE, DecisionKind.CONFIRMED)], 0),
        ([(NOT_DONE, DecisionKind.CONFIRMED), (DONE, DecisionKind.APPEAL)], 1),
        ([(DONE, DecisionKind.CONFIRMED), (NOT_DONE, DecisionKind.REVOKED)], 0),
        ([(DONE, DecisionKind.CONFIRMED), (DONE, DecisionKind.REVOKED)], 0),
        ([(DONE, DecisionKind.CONFIRMED), (NOT_DONE, DecisionKind.REVOKED), (DONE, DecisionKind.APPEAL)], 1),
    ],
)
def test_only_a_completion_that_was_confirmed_and_stands_counts(programmes: Programmes, decisions, counted):
    enrolment = programmes.enrol(programmes.person(), "gnu-1")
    for day, (outcome, kind) in enumerate(decisions, start=1):
        programmes.decide(enrolment, noon(7, day), outcome, kind)
    assert programmes.kpi().headcount == counted


def test_a_state_alone_without_a_decision_does_not_count(programmes: Programmes):
    programmes.enrol(programmes.person(), "gnu-1", EnrolmentState.COMPLETED)
    assert (programmes.kpi().headcount, programmes.kpi().total.started) == (0, 1)


def test_an_appeal_that_upholds_a_completion_does_not_move_its_date(programmes: Programmes):
    enrolment = programmes.complete("gnu-1", noon(6, 30))
    programmes.decide(enrolment, noon(10, 5), DONE, DecisionKind.APPEAL)
    assert programmes.kpi(until=noon(7, 1)).headcount == 1


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        (noon(12, 31, 2025), 0),
        (noon(1, 1), 1),
        (noon(12, 31), 1),
        (noon(12, 31).replace(hour=23, minute=59), 1),
        (noon(1, 1, 2027).replace(hour=0), 0),
    ],
)
def test_it_must_lie_in_the_programme_s_period_in_seoul(programmes: Programmes, at, counted):
    programmes.complete("gnu-1", at)
    assert programmes.kpi(until=noon(6, 1, 2027)).headcount == counted


def test_cohorts_that_do_not_count_and_other_programmes_are_left_out(programmes: Programmes):
    programmes.complete("gnu-1")
    programmes.complete("gnu-2")
    programmes.change(Cohort, programmes.cohorts["gnu-1"], counts_toward_programme=False)
    with programmes.database.writing() as session:
        values = {"slug": "ict", "name_ko": "이노베이션스퀘어", "name_en": "ICT", "target": 1, "funding_source": "f"}
        other = Programme(**values, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
        session.add(other)
        session.flush()
        other_id = other.id
    programmes.add_cohort("inje-9", programme_id=other_id)
    programmes.complete("inje-9")
    assert (programmes.kpi().headcount, programmes.kpi().completions) == (1, 1)


@pytest.mark.parametrize(
    ("state", "from_state", "started"),
    [
        (EnrolmentState.APPLIED, None, 0),
        (EnrolmentState.SELECTED, None, 0),
        (EnrolmentState.ADMITTED, None, 1),
        (EnrolmentState.WITHDRAWN, EnrolmentState.IN_PROGRESS, 1),
        (EnrolmentState.WITHDRAWN, EnrolmentState.SELECTED, 0),
        (EnrolmentState.EXPELLED, EnrolmentState.IN_PROGRESS, 1),
        (EnrolmentState.EXPELLED, None, 1),
        (EnrolmentState.EARLY_EMPLOYED, EnrolmentState.IN_PROGRESS, 1),
    ],
)
def test_who_was_admitted_has_started_also_if_it_ended_badly(programmes: Programmes, state, from_state, started):
    enrolment = programmes.enrol(programmes.person(), "gnu-1", state)
    with programmes.database.writing() as session:
        university = programmes.universities["gnu"]
        session.add(
            EnrolmentEvent(enrolment_id=enrolment, university_id=university, from_state=from_state, to_state=state)
        )
    assert programmes.kpi().total.started == started


def test_breakdowns_add_up_to_the_whole(programmes: Programmes):
    mill = programmes.company("한빛정밀", "changwon")
    person = programmes.person()
    programmes.complete("gnu-1", person=person, track=Track.EMPLOYEE, company_id=mill)
    programmes.complete("inje-1", noon(9, 1), person, track=Track.STUDENT, home_region="jinju")
    programmes.complete("gnu-2", track=Track.CEO, company_id=mill, work_region="gimhae")
    programmes.enrol(programmes.person(), "inje-1", track=Track.JOB_SEEKER, home_region="jinju")
    programmes.enrol(programmes.person(), "inje-1")
    found = programmes.kpi()
    assert lines(found.breakdowns.university) == {"gnu": (2, 2), "inje": (2, 0)}
    assert lines(found.breakdowns.company) == {str(mill): (2, 2), "none": (2, 0)}
    assert lines(found.breakdowns.region) == {"changwon": (1, 1), "gimhae": (1, 1), "jinju": (1, 0), "none": (1, 0)}
    assert lines(found.breakdowns.track) == {"employee": (1, 1), "ceo": (1, 1), "student": (1, 0), "job_seeker": (1, 0)}
    for name in ("university", "company", "region", "track"):
        assert sum((line.count for line in getattr(found.breakdowns, name)), Count()) == found.total


def test_states_say_enrolments_and_the_people_followed_by_them(programmes: Programmes):
    person = programmes.person()
    programmes.complete("gnu-1", person=person)
    programmes.complete("inje-1", person=person)
    programmes.enrol(person, "gnu-2", EnrolmentState.WITHDRAWN)
    states = [(line.state, line.enrolments, line.people) for line in programmes.kpi().states]
    assert states == [(EnrolmentState.COMPLETED, 2, 1), (EnrolmentState.WITHDRAWN, 1, 0)]


def test_a_university_s_staff_see_their_own_and_how_many_are_counted_elsewhere(programmes: Programmes):
    person = programmes.person()
    programmes.complete("gnu-1", noon(6, 1), person)
    programmes.complete("inje-1", noon(9, 1), person)
    programmes.complete("inje-1")
    gnu, inje = programmes.kpi("gnu"), programmes.kpi("inje")
    assert (gnu.headcount, gnu.counted_elsewhere, gnu.is_whole) == (1, 0, False)
    assert (inje.headcount, inje.counted_elsewhere) == (1, 1)
    assert [line.key for line in inje.breakdowns.university] == ["inje"]
    assert [line.cohort.slug for line in inje.cohorts] == ["inje-1"]
    assert [stage.people for stage in inje.funnel][-1] == 1
    assert gnu.headcount + inje.headcount == programmes.kpi().headcount


def attribute_to(programmes: Programmes, person: int, slug: str | None, reason: str = "협약에 따라") -> None:
    with programmes.database.writing() as session:
        programme = session.get_one(Programme, programmes.programme_id)
        university = programmes.universities[slug] if slug else None
        attribute(session, programmes.actor, programme, person, (university, reason), programmes.now)


def test_a_coordinator_may_count_somebody_at_another_university_of_theirs(programmes: Programmes):
    person = programmes.person()
    programmes.complete("gnu-1", noon(6, 1), person)
    programmes.complete("inje-1", noon(9, 1), person)
    attribute_to(programmes, person, "inje")
    tomorrow = noon(11, 23)
    assert lines(programmes.kpi(until=tomorrow).breakdowns.university) == {"inje": (1, 1)}
    assert lines(programmes.kpi(until=noon(11, 21)).breakdowns.university) == {"gnu": (1, 1)}
    attribute_to(programmes, person, None, "되돌림")
    assert lines(programmes.kpi(until=tomorrow).breakdowns.university) == {"gnu": (1, 1)}
    with programmes.database.reading() as session:
        reasons = session.scalars(sa.text("SELECT reason FROM audit_event WHERE action = 'kpi.attributed' ORDER BY id"))
        assert list(reasons) == ["협약에 따라", "되돌림"]


def test_an_attribution_follows_a_merge(programmes: Programmes):
    double, person = programmes.person(), programmes.person()
    programmes.complete("gnu-1", noon(6, 1), double)
    programmes.complete("inje-1", noon(9, 1), double)
    attribute_to(programmes, double, "inje")
    programmes.merge(double, person)
    assert lines(programmes.kpi(until=noon(11, 23)).breakdowns.university) == {"inje": (1, 1)}


@pytest.mark.parametrize(("slug", "reason"), [("inje", "협약"), ("gnu", " "), (None, "")])
def test_an_attribution_needs_a_reason_and_a_completion_there(programmes: Programmes, slug, reason):
    person = programmes.whose(programmes.complete("gnu-1"))
    with pytest.raises(InvalidError):
        attribute_to(programmes, person, slug, reason)


def test_the_universities_of_a_person_come_in_the_order_of_completion(programmes: Programmes):
    person = programmes.person()
    programmes.complete("inje-1", noon(9, 1), person)
    programmes.complete("gnu-1", noon(6, 1), person)
    with programmes.database.reading() as session:
        programme = session.get_one(Programme, programmes.programme_id)
        found = universities_of(session, programme, person, programmes.now)
        assert [university.slug for university in found] == ["gnu", "inje"]


@pytest.mark.parametrize(
    ("target", "started", "counted", "needed"),
    [(300, 1000, 885, 339), (300, 1000, 689, 436), (300, 100, 100, 300), (300, 3, 1, 900), (300, 5, 0, None)],
)
def test_needed_starters_at_published_completion_rates(target, started, counted, needed):
    assert needed_starters(target, Count(started, counted, counted)) == needed
