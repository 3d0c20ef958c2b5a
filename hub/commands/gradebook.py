"""``axcampus gradebook``: grades to and from nbgrader's own gradebook database."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.gradebook import read_grades, write_assignment, write_report
from hub.portal.database import Database
from hub.portal.errors import DomainError
from hub.portal.models import Assignment, Course
from hub.portal.services.access import may_teach
from hub.portal.services.audit import Actor
from hub.portal.services.workbench.nbgrader_exchange import Imported, bundle_of, exported, import_rows
from hub.portal.sessions import find_person_id
from hub.settings import Settings


def find_assignment(session: Session, course: str, assignment: str) -> Assignment:
    """Return an assignment by its names; ClickException if there is none."""
    query = sa.select(Assignment).join(Course).where(Course.slug == course, Assignment.slug == assignment)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise click.ClickException(f"과제가 없습니다. / There is no assignment {course}/{assignment}.")
    return found


def export_grades(database: Database, course: str, assignment: str, url: str) -> int:
    """Write every trainee's counting result into the gradebook at ``url``; returns how many."""
    with database.reading() as session:
        found = find_assignment(session, course, assignment)
        write_assignment(url, assignment, bundle_of(session, found))
        count = 0
        for each in exported(session, found):
            write_report(url, assignment, each.student, each.report, each.marks)
            count += 1
        return count


def import_grades(database: Database, course: str, assignment: str, url: str, username: str) -> Imported:
    """Save what people gave in the gradebook at ``url`` as marks of the instructor ``username``, all or nothing."""
    rows = read_grades(url, assignment)
    with database.writing() as session:
        found = find_assignment(session, course, assignment)
        person_id = find_person_id(session, username)
        if person_id is None or not may_teach(session, person_id, found.course_id):
            raise click.ClickException(f"이 과정의 강사가 아닙니다. / {username} does not teach {course}.")
        return import_rows(session, Actor(username, person_id), found, rows, datetime.now(UTC))


@click.group()
def gradebook() -> None:
    """Take grades to and from an nbgrader gradebook. nbgrader 성적부로 내보내고 가져옵니다."""


_course = click.option("--course", required=True, help="Name of the course. / 과정 이름.")
_assignment = click.option("--assignment", required=True, help="Name of the assignment. / 과제 이름.")


@gradebook.command("export")
@_course
@_assignment
@click.argument("url")
def export_command(course: str, assignment: str, url: str) -> None:
    """Write scores, points given by people and comments into the gradebook at URL (sqlite:///gradebook.db)."""
    database = Database.at(Settings().database)
    try:
        count = export_grades(database, course, assignment, url)
    except DomainError as error:
        raise click.ClickException(f"{error.ko} / {error.en}") from error
    finally:
        database.dispose()
    click.echo(f"{count}명의 성적을 내보냈습니다. / Exported {count} trainees.")


@gradebook.command("import")
@_course
@_assignment
@click.option("--as", "username", required=True, help="The instructor whose marks they become. / 채점한 강사 아이디.")
@click.argument("url")
def import_command(course: str, assignment: str, username: str, url: str) -> None:
    """Take points and comments that people gave from the gradebook at URL; automatic points are graded here."""
    database = Database.at(Settings().database)
    try:
        done = import_grades(database, course, assignment, url, username)
    except KeyError as error:
        raise click.ClickException(f"성적부에 과제가 없습니다. / The gradebook has no assignment {error}.") from error
    finally:
        database.dispose()
    click.echo(f"문항 {done.cells}개를 가져왔습니다. / Imported {done.cells} cells.")
    for line in done.left_out:
        click.echo(f"  가져오지 않음 / left out: {line}", err=True)
