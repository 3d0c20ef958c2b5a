"""The portal in this process over a migrated SQLite database, filled with a small campus."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hub.portal.app import create_app
from hub.portal.database import Database
from hub.portal.sessions import Lifetime, begin_session, find_login
from hub.settings import Settings
from tests.hub.portal.web.campus import Campus, build_campus

BASE = "http://localhost:8000"
SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def settings(sqlite_database: Database, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, port=8000, database_url=str(sqlite_database.engine.url))


@pytest.fixture(scope="session")
def campus_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Campus]:
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("campus") / "campus.db"))
    database = Database.at(f"sqlite:///{path}")
    campus = build_campus(database)
    database.dispose()
    return path, campus


@pytest.fixture
def sqlite_database(campus_template: tuple[Path, Campus], tmp_path: Path) -> Iterator[Database]:
    """A database of this test's own with the small campus in it."""
    database = Database.at(f"sqlite:///{shutil.copy(campus_template[0], tmp_path / 'campus.db')}")
    yield database
    database.dispose()


@pytest.fixture
def campus(campus_template: tuple[Path, Campus]) -> Campus:
    return campus_template[1]


@pytest.fixture
def app(settings: Settings, campus: Campus) -> Iterator[Flask]:
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False  # its own tests switch it on
    yield app
    app.extensions["axcampus_database"].dispose()


class CampusClient(FlaskClient):
    """Speaks to the portal under its own host name."""

    def open(self, *args, **kwargs):
        kwargs.setdefault("base_url", BASE)
        kwargs.setdefault("buffered", True)  # closes the files of static answers
        return super().open(*args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.test_client_class = CampusClient
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, sqlite_database: Database) -> SignIn:
    """Return a client that holds a session of the named user."""

    def begin(username: str) -> FlaskClient:
        app.test_client_class = CampusClient
        client = app.test_client()
        with sqlite_database.writing() as session:
            login = find_login(session, username)
            assert login is not None
            token = begin_session(session, login, datetime.now(UTC), Lifetime())
        client.set_cookie("axcampus_session", token, domain="localhost")
        return client

    return begin
