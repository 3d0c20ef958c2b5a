"""``GET /me``: all that the JupyterLab extension shows."""

from __future__ import annotations

from flask import Response
from sqlalchemy.orm import Session

from graders.exchange import wire
from hub.portal import web
from hub.portal.api import answers
from hub.portal.api.context import context, require_person
from hub.portal.models import Course, Person, Role
from hub.portal.services.access import courses_of, roles_of
from hub.portal.services.scores import score_of
from hub.portal.services.student_overview import Work, student_overview
from hub.portal.services.watching import stamp_of_person


def me() -> Response:
    """Person, roles, and per course the next deadline, the last receipt and the newest score."""
    actor = require_person()
    person_id = actor.person_id or 0
    session = web.reading()
    stamp = stamp_of_person(session, person_id, web.now())
    if (seen := answers.unchanged(stamp)) is not None:
        return seen
    overview = student_overview(session, person_id, web.now())
    by_course: dict[int, list[Work]] = {}
    for work in overview.works:
        by_course.setdefault(work.course.id, []).append(work)
    courses = tuple(
        _course(session, course, role, by_course.get(course.id, [])) for course, role in courses_of(session, person_id)
    )
    return answers.answer(
        wire.Me(
            person=wire.Person(username=actor.name, name=session.get_one(Person, person_id).name),
            roles=tuple(sorted(role.value for role in roles_of(session, person_id))),
            portal_url=context().portal_url,
            courses=courses,
        ),
        stamp=stamp,
    )


def _course(session: Session, course: Course, role: Role, works: list[Work]) -> wire.MyCourse:
    newest = max((work.newest for work in works if work.newest), key=lambda view: view.attempt_id, default=None)
    return wire.MyCourse(
        slug=course.slug,
        title_ko=course.title_ko,
        title_en=course.title_en,
        role=role.value,
        next_deadline=_next_deadline(works),
        last_receipt=answers.make_receipts(session, [newest])[0] if newest is not None else None,
        newest_score=_newest_score(works),
    )


def _next_deadline(works: list[Work]) -> wire.Deadline | None:
    """What is due next, not handed in yet before handed in."""
    coming = [
        (work.newest is not None, work.deadline.due_at, work.assignment)
        for work in works
        if work.deadline.due_at is not None and work.deadline.due_at > web.now()
    ]
    if not coming:
        return None
    _, due_at, assignment = min(coming, key=lambda each: each[:2])
    return wire.Deadline(
        assignment=assignment.slug, title_ko=assignment.title_ko, title_en=assignment.title_en, due_at=due_at
    )


def _newest_score(works: list[Work]) -> wire.NewestScore | None:
    """The score graded last, in the receipts' vocabulary: automatic points of automatic points."""
    graded = [(work.visible_grade, work) for work in works if work.visible_grade is not None]
    if not graded:
        return None
    grade, work = max(graded, key=lambda pair: pair[0].updated_at)
    assignment, score = work.assignment, score_of(grade)
    return wire.NewestScore(
        assignment=assignment.slug,
        title_ko=assignment.title_ko,
        title_en=assignment.title_en,
        score=score.automatic,
        max_score=score.automatic_max,
        manual_score=score.manual,
        manual_max_score=score.manual_max,
        manual_pending=score.manual_pending,
        penalty_percent=score.penalty_percent,
        counted_score=None if score.manual_pending else score.counted,
        counted_max_score=score.counted_max,
        graded_at=grade.updated_at,
    )
