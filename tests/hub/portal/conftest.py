"""Databases for the portal's tests: every test that asks for ``database`` runs on SQLite and on a real PostgreSQL.

Both are migrated once; a test gets a copy. PostgreSQL won't run as root, so then it runs as ``postgres``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.contract import Fault, GradeReport, ReportState, Text
from graders.files import FileSet
from hub.portal.database import Database, migrate
from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    Course,
    Login,
    Role,
    TaskState,
    University,
    VersionState,
)
from hub.portal.services import queue
from hub.portal.services.acceptance import Accepted, Upload, accept
from hub.portal.services.deadlines import LateKind, LatePolicy
from hub.portal.services.demo import DemoPerson, ensure_programme
from hub.portal.services.file_sets import put_file_set
from hub.portal.services.grading_requests import GradingTerms
from hub.portal.services.seeds import SeedKeys
from hub.portal.services.timetable import KST, Moment, Schedule

Row = TypeVar("Row")
TERMS = GradingTerms(SeedKeys(b"k" * 32, b"h" * 32), "e" * 64)

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
NUMBERS = count(1)


@dataclass(frozen=True)
class PostgresServer:
    port: int

    def url(self, name: str) -> str:
        return f"postgresql://axcampus@127.0.0.1:{self.port}/{name}"

    def run(self, statement: str) -> None:
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    if not PROGRAMS:
        pytest.skip("PostgreSQL is not installed")
    folder = Path("/tmp") / f"axcampus-postgres-{os.getpid()}"
    folder.mkdir(mode=0o700)
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    server = PostgresServer(free_port())
    environment = {"PATH": f"{PROGRAMS[-1]}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

    def program(*argv: str) -> None:
        subprocess.run(
            argv, user=user, cwd="/", env=environment, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )

    options = f"-p {server.port} -k {folder} -h 127.0.0.1 -F -c synchronous_commit=off -c max_connections=200"
    try:
        program("initdb", "-D", f"{folder}/data", "-U", "axcampus", "-A", "trust", "-N", "-E", "UTF8")
        program("pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            server.run("CREATE DATABASE template_axcampus")
            migrate(server.url("template_axcampus"))
            yield server
        finally:
            program("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "axcampus.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a migrated, empty database of this test's own."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        yield f"sqlite:///{shutil.copy(template, tmp_path / 'axcampus.db')}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"test_{next(NUMBERS)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE template_axcampus")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database, on SQLite and on PostgreSQL."""
    database = Database.at(database_url)
    yield database
    database.dispose()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty SQLite database, for tests of what does not depend on the kind of database."""
    database = Database.at(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'only.db')}")
    yield database
    database.dispose()


@dataclass
class Campus:
    """A programme of two universities with one course, for tests: rows are made by the services that make them."""

    database: Database
    course: str = "ai"
    assignment: str = "a01"
    terms: GradingTerms = TERMS

    @property
    def now(self) -> datetime:
        return datetime(2026, 11, 22, 12, 0, tzinfo=KST)

    def open_campus(self) -> None:
        with self.database.writing() as session:
            ensure_programme(session, [], self.now)
            university = session.scalars(sa.select(University).where(University.slug == "gnu")).one()
            self.add_course(session, self.course, university)
            ensure_programme(session, [], self.now)

    def add_course(self, session: Session, slug: str, university: University) -> Course:
        course = Course(slug=slug, title_ko="제조 AI", title_en="AI", university_id=university.id)
        session.add(course)
        session.flush()
        schedule = Schedule(
            opens=Moment(day=0, time="09:00"),
            due=Moment(day=10, time="18:00"),
            closes=Moment(day=15, time="18:00"),
            grace_seconds=600,
            late=LatePolicy(kind=LateKind.PER_DAY, percent_per_day=10, cap_percent=50),
        )
        assignment = Assignment(
            course_id=course.id,
            university_id=university.id,
            slug=self.assignment,
            title_ko="첫 과제",
            title_en="First",
            default_schedule=schedule.model_dump(mode="json"),
        )
        session.add(assignment)
        session.flush()
        self.add_version(session, assignment, VersionState.LIVE)
        return course

    def add_version(self, session: Session, assignment: Assignment, state: VersionState) -> AssignmentVersion:
        number = len(list(session.scalars(sa.select(AssignmentVersion.id).filter_by(assignment_id=assignment.id)))) + 1
        name = f"{assignment.slug} {number}".encode()
        version = AssignmentVersion(
            assignment_id=assignment.id,
            university_id=assignment.university_id,
            number=number,
            state=state,
            source_digest=put_file_set(session, FileSet({"a.ipynb": b"source " + name})),
            release_digest=put_file_set(session, FileSet({"a.ipynb": b"release " + name, "data.csv": b"1,2"})),
            bundle_digest=put_file_set(session, FileSet({"bundle.json": b"bundle " + name})),
            max_score=10.0,
            limits={},
        )
        session.add(version)
        session.flush()
        return version

    def person(self, username: str, role: Role = Role.STUDENT, university: str | None = "gnu") -> int:
        with self.database.writing() as session:
            ensure_programme(session, [DemoPerson(username, username.title(), role, university)], self.now)
            return session.scalars(sa.select(Login.person_id).where(Login.subject == username)).one()

    def upload(self, person_id: int, text: str = "answer", **changes: Any) -> Upload:
        facts: dict[str, Any] = {
            "person_id": person_id,
            "course": self.course,
            "assignment": self.assignment,
            "files": FileSet({"a.ipynb": text.encode()}),
            "idempotency_key": f"key-{next(NUMBERS)}",
            "received_at": self.now,
        }
        return Upload(**(facts | changes))

    def submit(self, person_id: int, text: str = "answer", **changes: Any) -> Accepted:
        with self.database.writing() as session:
            accepted = accept(session, self.upload(person_id, text, **changes), TERMS)
            session.expunge(accepted.attempt)
            return accepted

    def report(self, request_digest: str, score: float = 10.0) -> GradeReport:
        return GradeReport(
            request_digest=request_digest,
            state=ReportState.GRADED,
            fault=Fault.NOBODY,
            gradable=True,
            succeeded=True,
            score=score,
            max_score=10.0,
        )

    def broken_report(self, request_digest: str) -> GradeReport:
        return GradeReport(
            request_digest=request_digest,
            state=ReportState.NOT_GRADED,
            fault=Fault.PLATFORM,
            gradable=True,
            succeeded=False,
            score=None,
            max_score=10.0,
            reason=Text(ko="채점기가 멈췄습니다.", en="The grader stopped."),
        )

    def grade(self, score: float = 10.0, at: datetime | None = None) -> TaskState | None:
        """Claim the next task and store a report for it."""
        at = at or self.now
        with self.database.writing() as session:
            held = queue.claim(session, "worker-1", at)
        assert held is not None
        with self.database.writing() as session:
            return queue.finish(session, held, self.report(held.request_digest, score), "worker-1", at)

    def get(self, kind: type[Row], **where: Any) -> Row:
        with self.database.reading() as session:
            return session.scalars(sa.select(kind).filter_by(**where)).one()

    def count(self, kind: type[Any], **where: Any) -> int:
        with self.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(kind).filter_by(**where)) or 0


@pytest.fixture
def campus(database: Database) -> Campus:
    """A campus on SQLite and on PostgreSQL."""
    made = Campus(database)
    made.open_campus()
    return made


@pytest.fixture
def sqlite_campus(sqlite_database: Database) -> Campus:
    """A campus on SQLite only."""
    made = Campus(sqlite_database)
    made.open_campus()
    return made
