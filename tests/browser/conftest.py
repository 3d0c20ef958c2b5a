"""Chromium, and the portal with a small campus served to it on a free port."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from hub.portal.app import create_app
from hub.portal.database import Database, migrate
from hub.portal.sessions import Lifetime, begin_session, find_login
from hub.settings import PROJECT_ROOT, Settings
from tests.hub.portal.web.campus import Campus, build_campus

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SCREENSHOTS = Path(os.environ.get("SCREENSHOTS", PROJECT_ROOT / "artifacts" / "screenshots"))


class ServedPortal:
    """The running portal, its database and its people's sessions."""

    def __init__(self, address: str, database: Database, campus: Campus) -> None:
        self.address, self.database, self.campus = address, database, campus

    def token(self, username: str) -> str:
        with self.database.writing() as session:
            login = find_login(session, username)
            assert login is not None
            return begin_session(session, login, datetime.now(UTC), Lifetime())


@pytest.fixture(scope="module")  # Playwright holds an event loop: tests of other modules need the thread without one
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@contextmanager
def serve_campus(home: Path) -> Iterator[ServedPortal]:
    """Serve a portal with a small campus of its own on a free port."""
    url = f"sqlite:///{home / 'campus.db'}"
    migrate(url)
    database = Database.at(url)
    campus = build_campus(database)
    app = create_app(Settings(home=home, database_url=url))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield ServedPortal(f"http://localhost:{server.port}", database, campus)
    server.shutdown()
    thread.join(10)
    server.server_close()
    app.extensions["axcampus_database"].dispose()
    database.dispose()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedPortal]:
    with serve_campus(tmp_path_factory.mktemp("portal")) as served:
        yield served


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, portal: ServedPortal) -> Iterator[Visit]:
    """Open a page as somebody: ``visit("student0", "/learn", width=390, language="en-US", scheme="dark")``."""
    contexts: list[BrowserContext] = []

    def open_page(username: str | None, path: str, **wanted: object) -> Page:
        width = int(str(wanted.get("width", 1280)))
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            locale=str(wanted.get("language", "ko-KR")),
            color_scheme=wanted.get("scheme", "light"),  # type: ignore[arg-type]
            java_script_enabled=bool(wanted.get("script", True)),
        )
        contexts.append(context)
        if username:
            cookie = {"name": "axcampus_session", "value": portal.token(username), "url": portal.address}
            context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.problems = []  # type: ignore[attr-defined]
        page.on("console", lambda message: note(page, message.type, message.text))
        page.on("request", lambda request: note_foreign(page, request.url, portal.address))
        page.goto(portal.address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def note(page: Page, kind: str, text: str) -> None:
    """Remember what the console complained about; the status of an error page is no complaint."""
    if kind in ("error", "warning") and "the server responded with a status of 4" not in text:
        page.problems.append(text)  # type: ignore[attr-defined]


def note_foreign(page: Page, url: str, address: str) -> None:
    if not url.startswith((address, "data:")):
        page.problems.append(f"asked {url}")  # type: ignore[attr-defined]


def keep(page: Page, name: str) -> None:
    """Keep a screenshot as an artefact."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
