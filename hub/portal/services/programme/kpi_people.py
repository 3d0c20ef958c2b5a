"""Who counts toward a programme's goal: the one place that says so, as SQL that figures, lists and snapshots build on.

A person is counted once (실인원), whatever number of log-ins, enrolments or merged doubles there are, when a completion
was confirmed and not taken back, within the programme's period, in one of its cohorts that count. They are counted at
the university of the first such completion, or where a coordinator has put them with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from hub.portal.models import (
    Cohort,
    Company,
    CompletionDecision,
    DecisionKind,
    Enrolment,
    EnrolmentEvent,
    EnrolmentParticulars,
    EnrolmentState,
    KpiAttribution,
    Person,
    Programme,
)
from hub.portal.services.timetable import KST

#: Before these nobody has started.
NOT_STARTED = (EnrolmentState.APPLIED, EnrolmentState.SELECTED)
#: Endings that may also come before a start: 선발된 뒤 입과 전에 철회.
MAY_END_EARLY = (EnrolmentState.WITHDRAWN, EnrolmentState.EXPELLED)


@dataclass(frozen=True)
class Scope:
    """What is counted: a programme as it stood before ``until``, for all or for some universities."""

    programme: Programme
    until: datetime
    universities: frozenset[int] | None = None

    def sees(self, university: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Whether rows of a university are in it."""
        return sa.true() if self.universities is None else university.in_(self.universities)


def end_of_day(day: date) -> datetime:
    """Return the moment at which a day in Seoul is over."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), KST)


@cache
def same_person() -> sa.Subquery:
    """Return ``person_id -> root_id`` of everybody who was merged into another one, through any number of merges.

    A circle, which nothing should make, ends nowhere: its people stay themselves. Made once: a statement that asks
    twice must get the same part.
    """
    merged = sa.select(Person.id.label("person_id"), Person.merged_into_id.label("root_id"))
    merged_cte = merged.where(Person.merged_into_id.is_not(None)).cte("merged", recursive=True)
    further = (
        sa.select(merged_cte.c.person_id, Person.merged_into_id)
        .join(Person, Person.id == merged_cte.c.root_id)
        .where(Person.merged_into_id.is_not(None))
    )
    merged_cte = merged_cte.union(further)
    last = sa.select(merged_cte.c.person_id, merged_cte.c.root_id).join(Person, Person.id == merged_cte.c.root_id)
    return last.where(Person.merged_into_id.is_(None)).subquery("same_person")


def standing_completions(until: datetime) -> sa.Subquery:
    """Return ``enrolment_id -> decision_id`` of completions that stood at ``until``.

    It is the decision that first said so since anything said otherwise: an appeal that upholds it changes no date.
    """
    made = CompletionDecision.made_at < until
    stands = sa.and_(
        CompletionDecision.outcome == EnrolmentState.COMPLETED, CompletionDecision.kind != DecisionKind.REVOKED
    )
    broken = sa.select(CompletionDecision.enrolment_id, sa.func.max(CompletionDecision.id).label("last"))
    undone = broken.where(made, sa.not_(stands)).group_by(CompletionDecision.enrolment_id).subquery("undone")
    return (
        sa.select(CompletionDecision.enrolment_id, sa.func.min(CompletionDecision.id).label("decision_id"))
        .outerjoin(undone, undone.c.enrolment_id == CompletionDecision.enrolment_id)
        .where(made, stands, CompletionDecision.id > sa.func.coalesce(undone.c.last, 0))
        .group_by(CompletionDecision.enrolment_id)
        .subquery("standing")
    )


def has_started() -> sa.ColumnElement[bool]:
    """Whether an enrolment got as far as 입과, also where it ended afterwards."""
    left_before = (
        sa.select(EnrolmentEvent.id)
        .where(
            EnrolmentEvent.enrolment_id == Enrolment.id,
            EnrolmentEvent.to_state == Enrolment.state,
            EnrolmentEvent.from_state.in_(NOT_STARTED),
        )
        .exists()
    )
    return sa.and_(
        Enrolment.state.not_in(NOT_STARTED), sa.or_(Enrolment.state.not_in(MAY_END_EARLY), sa.not_(left_before))
    )


def enrolments(scope: Scope) -> sa.Subquery:
    """Return every enrolment that started in a cohort that counts, whose it is, and the decision by which it counts."""
    standing, same = standing_completions(scope.until), same_person()
    programme = scope.programme
    is_in_period = sa.and_(
        CompletionDecision.made_at >= end_of_day(programme.starts_on - timedelta(days=1)),
        CompletionDecision.made_at < end_of_day(programme.ends_on),
    )
    return (
        sa.select(
            sa.func.coalesce(same.c.root_id, Enrolment.person_id).label("person_id"),
            Enrolment.id.label("enrolment_id"),
            Enrolment.cohort_id,
            Enrolment.university_id,
            Enrolment.track,
            Enrolment.state,
            CompletionDecision.id.label("decision_id"),
            CompletionDecision.rule_id,
            CompletionDecision.made_at.label("counted_at"),
        )
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .outerjoin(same, same.c.person_id == Enrolment.person_id)
        .outerjoin(standing, standing.c.enrolment_id == Enrolment.id)
        .outerjoin(CompletionDecision, sa.and_(CompletionDecision.id == standing.c.decision_id, is_in_period))
        .where(
            Cohort.programme_id == programme.id,
            Cohort.counts_toward_programme,
            sa.or_(standing.c.decision_id.is_not(None), sa.and_(has_started(), Enrolment.created_at < scope.until)),
        )
        .subquery("enrolments")
    )


def attributions(scope: Scope) -> sa.Subquery:
    """Return ``person_id -> university_id`` where a coordinator has put somebody elsewhere; merged people follow."""
    same = same_person()
    person = sa.func.coalesce(same.c.root_id, KpiAttribution.person_id)
    newest = (
        sa.select(sa.func.max(KpiAttribution.id).label("id"), person.label("person_id"))
        .outerjoin(same, same.c.person_id == KpiAttribution.person_id)
        .where(KpiAttribution.programme_id == scope.programme.id, KpiAttribution.made_at < scope.until)
        .group_by(person)
        .subquery("newest")
    )
    return (
        sa.select(newest.c.person_id, KpiAttribution.university_id)
        .join(KpiAttribution, KpiAttribution.id == newest.c.id)
        .subquery("attributions")
    )


def ranked_enrolments(scope: Scope) -> sa.Subquery:
    """Return ``enrolments`` with ``place`` 1 for the one by which its person is counted, or else followed.

    ``completions`` is how many of the person's count (연인원).
    """
    found, put = enrolments(scope), attributions(scope)
    whose = found.c.person_id
    order: list[Any] = [
        found.c.decision_id.is_(None),
        sa.case((put.c.university_id == found.c.university_id, 0), else_=1),
        found.c.counted_at,
        found.c.decision_id,
        found.c.enrolment_id,
    ]
    return (
        sa.select(
            *found.c,
            sa.func.row_number().over(partition_by=whose, order_by=order).label("place"),
            sa.func.count(found.c.decision_id).over(partition_by=whose).label("completions"),
        )
        .outerjoin(put, put.c.person_id == found.c.person_id)
        .subquery("ranked")
    )


def region_of() -> sa.ColumnElement[str | None]:
    """Return in which region somebody is counted: where they work, else where the company is, else home."""
    return sa.func.coalesce(EnrolmentParticulars.work_region, Company.region, EnrolmentParticulars.home_region)


def people(scope: Scope) -> sa.Subquery:
    """Return one row for each person of ``scope`` who started, with what figures are broken down by.

    ``decision_id`` is empty for who does not count (yet).
    """
    ranked = ranked_enrolments(scope)
    return (
        sa.select(*ranked.c, EnrolmentParticulars.company_id, region_of().label("region"))
        .outerjoin(EnrolmentParticulars, EnrolmentParticulars.enrolment_id == ranked.c.enrolment_id)
        .outerjoin(Company, Company.id == EnrolmentParticulars.company_id)
        .where(ranked.c.place == 1, scope.sees(ranked.c.university_id))
        .subquery("people")
    )
