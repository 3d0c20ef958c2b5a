"""A course for the benchmark on a running platform, and a class of students with tokens of the real hub."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.grading.workloads import WORKLOADS, Workload
from graders.files import FileSet
from hub.demo_hub import DemoHub
from hub.keys import load_key
from hub.portal.database import Database
from hub.portal.models import Assignment, AssignmentVersion, Course, Role, University, VersionState, utc_now
from hub.portal.services.demo import DemoPerson, ensure_programme
from hub.portal.services.publishing import add_version, prepare, publish_checked
from hub.settings import Settings

COURSE = "bench"


@dataclass(frozen=True, repr=False)
class Student:
    """Somebody who submits: a hub user with a token, as a notebook server has one."""

    username: str
    token: str


def ensure_course(database: Database) -> None:
    """Make the course with one live assignment a workload; again it changes nothing."""
    prepared = {work.name: prepare(work.source().files, f"{COURSE}/{work.name}") for work in WORKLOADS}
    with database.writing() as session:
        if session.scalar(sa.select(Course.id).where(Course.slug == COURSE)) is not None:
            return
        university = session.scalars(sa.select(University).order_by(University.id)).first()
        assert university is not None, "the platform has universities"
        course = Course(slug=COURSE, title_ko="부하 시험", title_en="Load", university_id=university.id)
        session.add(course)
        session.flush()
        for name, content in prepared.items():
            assignment = Assignment(
                course_id=course.id, university_id=university.id, slug=name, title_ko=name, title_en=name
            )
            session.add(assignment)
            session.flush()
            publish_checked(session, add_version(session, assignment, content, utc_now(), None), utc_now())


def live_version(session: Session, workload: Workload) -> AssignmentVersion:
    """Return what the students of a workload submit to."""
    query = (
        sa.select(AssignmentVersion)
        .join(Assignment)
        .join(Course)
        .where(Course.slug == COURSE, Assignment.slug == workload.name, AssignmentVersion.state == VersionState.LIVE)
    )
    return session.scalars(query).one()


def admit(settings: Settings, database: Database, count: int) -> list[Student]:
    """Enrol ``count`` new students and get each a token from the hub."""
    run = secrets.token_hex(3)
    names = [f"bench-{run}-{number:03d}" for number in range(count)]
    people = [DemoPerson(name, name, Role.STUDENT, "gnu") for name in names]
    for begin in range(0, count, 50):
        with database.writing() as session:
            ensure_programme(session, people[begin : begin + 50])
    hub = DemoHub(settings.hub_api_url, load_key(settings.secrets / "demo_service_token"))
    return [Student(name, _token(hub, name)) for name in names]


def _token(hub: DemoHub, name: str) -> str:
    hub.ensure_user(name)
    return hub.make_token(name)


def submissions(workload: Workload, count: int) -> list[FileSet]:
    """Return right answers, all different."""
    return workload.submissions(count)
