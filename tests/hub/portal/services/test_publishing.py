"""Versions: staged by teachers, published by a click after the check, never removed; the catalogue's first ones."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from courses.catalog import load_catalog
from graders.check import Checked, CheckReport
from graders.contract import Limits
from graders.files import FileSet
from graders.release import Release
from hub.portal.errors import ConflictError, ForbiddenError, InvalidError
from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    AuditEvent,
    Course,
    DeadlineRule,
    Enrolment,
    EnrolmentEvent,
    Grade,
    Job,
    JobState,
    Programme,
    Role,
    RoleGrant,
    University,
    VersionState,
)
from hub.portal.services.audit import Actor
from hub.portal.services.catalogue import ensure_catalogue
from hub.portal.services.demo import DemoPerson, ensure_programme
from hub.portal.services.publishing import Prepared, prepare, publish_checked, publish_version, stage_version
from hub.portal.services.version_checks import begin_check, end_check


def prepared(text: str = "v") -> Prepared:
    return Prepared(
        source=FileSet({"a.ipynb": f"source {text}".encode()}),
        release=Release(FileSet({"a.ipynb": b"student"}), FileSet({"bundle.json": text.encode()}), 10.0, 0.0, ()),
        limits=Limits(),
    )


def stage(campus, person: int, text: str = "v") -> int:
    with campus.database.writing() as session:
        assignment = session.scalars(sa.select(Assignment)).one()
        return stage_version(session, Actor("park", person), assignment, prepared(text), campus.now).id


def check(campus, version_id: int, *, publishable: bool = True) -> None:
    report = CheckReport(assignment="ai/a01", publishable=publishable)
    with campus.database.writing() as session:
        begin_check(session, version_id)
    with campus.database.writing() as session:
        end_check(session, version_id, Checked(report, prepared("profiled").release), campus.now)


def publish(campus, person: int, version_id: int) -> None:
    with campus.database.writing() as session:
        publish_version(session, Actor("park", person), session.get_one(AssignmentVersion, version_id), campus.now)


def test_a_staged_version_is_checked_and_then_published_by_a_click(campus) -> None:
    teacher = campus.person("park", Role.INSTRUCTOR)
    version_id = stage(campus, teacher)
    assert campus.get(AssignmentVersion, number=1).state is VersionState.LIVE
    assert campus.get(Job).params == {"version_id": version_id, "publish": False}
    check(campus, version_id)
    publish(campus, teacher, version_id)
    states = {version: campus.get(AssignmentVersion, number=version).state for version in (1, 2)}
    assert states == {1: VersionState.RETIRED, 2: VersionState.LIVE}
    actions = ["version.staged", "version.checked", "version.published"]
    assert [campus.count(AuditEvent, action=action) for action in actions] == [1, 1, 1]


def test_an_unchecked_or_rejected_version_cannot_go_live(sqlite_campus) -> None:
    teacher = sqlite_campus.person("park", Role.INSTRUCTOR)
    version_id = stage(sqlite_campus, teacher)
    with pytest.raises(ConflictError, match="version_not_ready"):
        publish(sqlite_campus, teacher, version_id)
    check(sqlite_campus, version_id, publishable=False)
    with pytest.raises(ConflictError, match="version_not_ready"):
        publish(sqlite_campus, teacher, version_id)


def test_only_teachers_of_the_course_stage_and_publish(sqlite_campus) -> None:
    student = sqlite_campus.person("kim")
    with pytest.raises(ForbiddenError):
        stage(sqlite_campus, student)
    version_id = stage(sqlite_campus, sqlite_campus.person("park", Role.INSTRUCTOR))
    check(sqlite_campus, version_id)
    with pytest.raises(ForbiddenError):
        publish(sqlite_campus, student, version_id)


def test_the_same_bytes_again_are_the_same_version(sqlite_campus) -> None:
    teacher = sqlite_campus.person("park", Role.INSTRUCTOR)
    assert stage(sqlite_campus, teacher) == stage(sqlite_campus, teacher)
    assert sqlite_campus.count(Job) == 1


def test_a_check_that_failed_is_ordered_again_with_the_same_bytes(sqlite_campus) -> None:
    teacher = sqlite_campus.person("park", Role.INSTRUCTOR)
    stage(sqlite_campus, teacher)
    with sqlite_campus.database.writing() as session:
        session.execute(sa.update(Job).values(state=JobState.FAILED))
    stage(sqlite_campus, teacher)
    assert sqlite_campus.count(Job, state=JobState.QUEUED) == 1


def test_publishing_a_fix_never_deletes_grades(sqlite_campus) -> None:
    sqlite_campus.submit(sqlite_campus.person("kim"))
    sqlite_campus.grade(score=8.0)
    teacher = sqlite_campus.person("park", Role.INSTRUCTOR)
    version_id = stage(sqlite_campus, teacher)
    check(sqlite_campus, version_id)
    publish(sqlite_campus, teacher, version_id)
    assert sqlite_campus.get(Grade).score == 8.0


def test_the_content_of_a_checked_version_is_fixed_by_the_database(campus) -> None:
    with pytest.raises(DBAPIError, match="never change"), campus.database.writing() as session:
        session.execute(sa.update(AssignmentVersion).values(bundle_digest=AssignmentVersion.source_digest))


def test_a_folder_that_cannot_be_released_says_why() -> None:
    with pytest.raises(InvalidError, match="release_failed") as caught:
        prepare({"readme.md": b"no notebook"}, "ai/a01")
    assert "노트북" in caught.value.ko


def test_the_catalogue_is_published_once_and_people_are_made_once(campus) -> None:
    people = [
        DemoPerson("s1", "김하나", Role.STUDENT, "gnu"),
        DemoPerson("t1", "박둘", Role.INSTRUCTOR, "inje"),
        DemoPerson("c1", "최셋", Role.COORDINATOR),
        DemoPerson("a1", "정넷", Role.ADMINISTRATOR),
    ]
    catalog = load_catalog()
    for _ in range(2):
        with campus.database.writing() as session:
            ensure_catalogue(session, catalog, campus.now, lambda _course, entry: prepared(entry.slug))
            ensure_programme(session, people, campus.now)
    courses = list(catalog)
    assert campus.count(Course) == len(courses) + 1
    assert campus.count(University) == 4
    assert campus.get(Programme).target == 300
    assignments = sum(len(course.assignments) for course in courses) + 1
    assert campus.count(AssignmentVersion, state=VersionState.LIVE) == assignments
    assert campus.count(DeadlineRule) == assignments * 4
    assert campus.count(Enrolment) == campus.count(EnrolmentEvent) == 1
    assert campus.count(RoleGrant, role=Role.INSTRUCTOR) == len(courses) + 1
    assert campus.count(RoleGrant) == len(courses) + 3


def publish_catalogue(campus, **changes: object) -> list[AssignmentVersion]:
    """Publish the catalogue in an empty programme; return the versions of its first assignment."""
    with campus.database.writing() as session:
        build = lambda _course, entry: replace(prepared(entry.slug), **changes)  # noqa: E731
        ensure_catalogue(session, load_catalog(), campus.now, build)
    return shipped_versions(campus)


def shipped_versions(campus) -> list[AssignmentVersion]:
    slug = load_catalog().courses[0].assignments[0].slug
    with campus.database.reading() as session:
        query = sa.select(AssignmentVersion).join(Assignment).where(Assignment.slug == slug)
        return list(session.scalars(query.order_by(AssignmentVersion.number)))


def check_and_publish(campus, version: AssignmentVersion, *, publishable: bool) -> list[VersionState]:
    """What the background job does with a version of the catalogue."""
    check(campus, version.id, publishable=publishable)
    with campus.database.writing() as session:
        row = session.get_one(AssignmentVersion, version.id)
        if row.state is VersionState.READY:
            publish_checked(session, row, campus.now)
    return [each.state for each in shipped_versions(campus)]


def test_a_catalogue_version_with_its_profile_needs_no_check(sqlite_campus) -> None:
    found = {"findings": [], "reference_score": 10.0}
    (only,) = publish_catalogue(sqlite_campus, check=found)
    assert (only.state, only.check_report) == (VersionState.LIVE, found)
    assert sqlite_campus.count(Job) == 0


def test_a_catalogue_version_without_a_profile_is_live_at_once_and_replaced_when_checked(campus) -> None:
    first, second = publish_catalogue(campus)
    assert (first.state, second.state) == (VersionState.LIVE, VersionState.STAGED)
    assert campus.count(Job) == sum(len(course.assignments) for course in load_catalog())
    states = check_and_publish(campus, second, publishable=True)
    assert states == [VersionState.RETIRED, VersionState.LIVE]


def test_a_catalogue_version_that_fails_its_check_changes_nothing(sqlite_campus) -> None:
    second = publish_catalogue(sqlite_campus)[1]
    states = check_and_publish(sqlite_campus, second, publishable=False)
    assert states == [VersionState.LIVE, VersionState.REJECTED]


def test_the_catalogue_never_replaces_what_a_person_published(sqlite_campus) -> None:
    person = sqlite_campus.person("kim")
    second = publish_catalogue(sqlite_campus)[1]
    with sqlite_campus.database.writing() as session:
        session.execute(
            sa.update(AssignmentVersion)
            .where(AssignmentVersion.state == VersionState.LIVE)
            .values(published_by_id=person)
        )
    states = check_and_publish(sqlite_campus, second, publishable=True)
    assert states == [VersionState.LIVE, VersionState.READY]


def test_times_of_a_cohort_follow_from_its_first_day(sqlite_campus) -> None:
    rule = sqlite_campus.get(DeadlineRule, cohort_id=1)
    assert rule.due_at - rule.opens_at == timedelta(days=10, hours=9)


def test_a_notebook_with_broken_json_is_no_release() -> None:
    with pytest.raises(InvalidError):
        prepare({"a.ipynb": json.dumps([]).encode()}, "ai/a01")
