"""From the course folders to rows: courses, assignments with their default schedules, and a first live version each.

``ensure_catalogue`` may run at every start: facts of the course folders win over the rows, but versions, deadline
rules of cohorts and grades are never touched once they exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from courses import catalog as folders
from courses.schema import AssignmentSpec
from courses.schema import Moment as SpecMoment
from graders.contract import Limits
from graders.recorded_profile import (
    PROFILE_FILE,
    RecordedProfile,
    StaleProfileError,
    apply_profile,
    load_profile_text,
)
from hub.portal.models import Assignment, CountingRule, Course, FeedbackPolicy, University
from hub.portal.services.acceptance import live_version
from hub.portal.services.deadlines import LateKind, LatePolicy
from hub.portal.services.organisation import ensure_universities
from hub.portal.services.publishing import Prepared, prepare, publish_first
from hub.portal.services.team_work import is_begun
from hub.portal.services.timetable import Moment, Schedule, give_to_cohorts

logger = structlog.stdlib.get_logger(__name__)

_COUNTS = {
    "best": CountingRule.BEST,
    "last": CountingRule.LAST_ON_TIME,
    "last_even_late": CountingRule.LAST,
}
_SHOWN = {
    "at_once": FeedbackPolicy.IMMEDIATE,
    "after_due": FeedbackPolicy.AFTER_DUE,
    "after_close": FeedbackPolicy.AFTER_CLOSE,
    "by_hand": FeedbackPolicy.ON_RELEASE,
}
Builder = Callable[[folders.Course, folders.Assignment], Prepared]


def build_release(course: folders.Course, assignment: folders.Assignment) -> Prepared:
    """Make the release of an assignment of the catalogue, with its recorded profile if that fits; takes seconds."""
    prepared = build_unrecorded(course, assignment)
    try:
        recorded = read_profile(assignment)
        if recorded is None:
            return prepared
        bundle = apply_profile(prepared.release.bundle, recorded)
    except StaleProfileError as error:
        logger.warning("recorded profile not used", assignment=assignment.slug, cause=str(error))
        return prepared
    facts = {"reference_score", "empty_score", "hollow_score", "findings"}
    found = recorded.model_dump(mode="json", include=facts)
    release = replace(prepared.release, bundle=bundle)
    return replace(prepared, release=release, check={**found, "bundle_digest": bundle.digest})


def build_unrecorded(course: folders.Course, assignment: folders.Assignment) -> Prepared:
    """Make the release of an assignment of the catalogue from its source alone."""
    limits = Limits().model_dump() | assignment.spec.limits.model_dump()
    name = f"{course.slug}/{assignment.slug}"
    return prepare(assignment.source_fileset(), name, Limits.model_validate(limits))


def read_profile(assignment: folders.Assignment) -> RecordedProfile | None:
    """Read the profile that ships beside an assignment's source; None if there is none."""
    file = assignment.folder / PROFILE_FILE
    return load_profile_text(file.read_text(encoding="utf-8")) if file.is_file() else None


def ensure_catalogue(
    session: Session, catalog: folders.Catalog, now: datetime, build: Builder = build_release
) -> list[Course]:
    """Make or update the rows of every course; an assignment without a live version gets its first."""
    universities = ensure_universities(session, catalog.universities)
    return [_ensure_course(session, course, universities, (now, build)) for course in catalog]


def _ensure_course(
    session: Session, source: folders.Course, universities: dict[str, University], making: tuple[datetime, Builder]
) -> Course:
    spec = source.spec
    course = session.scalars(sa.select(Course).where(Course.slug == spec.id)).one_or_none() or Course(slug=spec.id)
    course.title_ko, course.title_en = spec.title.ko, spec.title.en
    course.university_id = universities[spec.university].id
    session.add(course)
    session.flush()
    for place, entry in enumerate(source.assignments):
        row = _ensure_assignment(session, course, entry.spec, universities, place)
        if live_version(session, row.id) is None:
            now, build = making
            publish_first(session, row, build(source, entry), now)
    give_to_cohorts(session, course.id)
    return course


def _ensure_assignment(
    session: Session, course: Course, spec: AssignmentSpec, universities: dict[str, University], place: int
) -> Assignment:
    query = sa.select(Assignment).where(Assignment.course_id == course.id, Assignment.slug == spec.id)
    row = session.scalars(query).one_or_none()
    if row is None:
        row = Assignment(course_id=course.id, slug=spec.id)
        session.add(row)
    for name, value in _facts(spec).items():
        setattr(row, name, value)
    row.university_id = universities[spec.university].id
    row.position = place
    session.flush()
    if spec.is_team_work and not is_begun(session, row.id):
        row.is_team_work = True  # never back: an instructor may have made it team work in the portal
    return row


def _facts(spec: AssignmentSpec) -> dict[str, Any]:
    return {
        "title_ko": spec.title.ko,
        "title_en": spec.title.en,
        "weight": spec.weight,
        "hours": spec.hours,
        "pass_percent": spec.pass_percent,
        "profile": spec.profile,
        "max_attempts": spec.attempts.max_attempts,
        "attempts_per_day": spec.attempts.per_day,
        "counting_rule": _COUNTS[spec.attempts.counts],
        "score_policy": _SHOWN[spec.feedback.scores],
        "feedback_policy": _SHOWN[spec.feedback.notebooks],
        "default_schedule": make_schedule(spec).model_dump(mode="json"),
    }


def make_schedule(spec: AssignmentSpec) -> Schedule:
    """Return the default schedule as the portal keeps it."""
    late = LatePolicy(
        kind=LateKind.PER_DAY, percent_per_day=spec.late.percent_per_day, cap_percent=spec.late.max_percent
    )
    return Schedule(
        opens=_moment(spec.opens),
        due=_moment(spec.due),
        closes=_moment(spec.closes),
        grace_seconds=spec.late.grace_minutes * 60,
        late=late,
    )


def _moment(moment: SpecMoment) -> Moment:
    return Moment(day=moment.day, time=moment.time)
