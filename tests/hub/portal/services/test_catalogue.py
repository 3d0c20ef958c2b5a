"""What course.yaml says of an assignment reaches its row: team work, attempts, which one counts."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from courses.catalog import load_catalog
from hub.portal.errors import ConflictError
from hub.portal.models import Assignment, Attempt, CountingRule, Role
from hub.portal.services.audit import Actor
from hub.portal.services.catalogue import ensure_catalogue
from hub.portal.services.demo import DemoPerson, ensure_programme
from hub.portal.services.teams import form_team
from tests.hub.portal.services.test_publishing import prepared

CATALOG = load_catalog()
COURSE = CATALOG.courses[0]
NAME = COURSE.assignments[0].slug


def publish(campus, **changes: object) -> None:
    """Publish the catalogue with its first assignment changed."""
    first, *others = COURSE.spec.assignments
    changed = COURSE.spec.model_copy(update={"assignments": (first.model_copy(update=changes), *others)})
    catalog = replace(CATALOG, courses=(replace(COURSE, spec=changed),))
    with campus.database.writing() as session:
        ensure_catalogue(session, catalog, campus.now, lambda _course, entry: prepared(entry.slug))
        people = [DemoPerson("t1", "박둘", Role.INSTRUCTOR, "gnu"), DemoPerson("s1", "김하나", Role.STUDENT, "gnu")]
        ensure_programme(session, people, campus.now)


def test_team_work_of_the_catalogue_is_handed_in_by_teams(sqlite_campus) -> None:
    campus = sqlite_campus
    publish(campus, is_team_work=True)
    teacher, student = campus.person("t1", Role.INSTRUCTOR), campus.person("s1")
    with pytest.raises(ConflictError, match="no_team"):
        campus.submit(student, course=COURSE.slug, assignment=NAME)
    with campus.database.writing() as session:
        work = session.scalars(sa.select(Assignment).where(Assignment.slug == NAME)).one()
        form_team(session, Actor("t1", teacher), work, "1조", [student], campus.now)
    assert campus.submit(student, course=COURSE.slug, assignment=NAME).is_new


def test_what_an_instructor_made_team_work_stays_so_when_the_catalogue_is_read_again(sqlite_campus) -> None:
    publish(sqlite_campus)
    with sqlite_campus.database.writing() as session:
        session.execute(sa.update(Assignment).where(Assignment.slug == NAME).values(is_team_work=True))
    publish(sqlite_campus)
    assert sqlite_campus.get(Assignment, slug=NAME).is_team_work


def test_what_was_handed_in_alone_does_not_become_team_work(sqlite_campus) -> None:
    publish(sqlite_campus)
    sqlite_campus.submit(sqlite_campus.person("s1"), course=COURSE.slug, assignment=NAME)
    publish(sqlite_campus, is_team_work=True)
    assert sqlite_campus.count(Attempt) == 1
    assert not sqlite_campus.get(Assignment, slug=NAME).is_team_work


@pytest.mark.parametrize(
    ("counts", "rule"),
    [("best", CountingRule.BEST), ("last", CountingRule.LAST_ON_TIME), ("last_even_late", CountingRule.LAST)],
)
def test_how_often_and_which_attempt_counts(sqlite_campus, counts: str, rule: CountingRule) -> None:
    attempts = COURSE.assignments[0].spec.attempts.model_copy(update={"counts": counts, "per_day": 3})
    publish(sqlite_campus, attempts=attempts)
    row = sqlite_campus.get(Assignment, slug=NAME)
    assert (row.counting_rule, row.attempts_per_day) == (rule, 3)
