"""Signing in against a real JupyterHub: its own process, its own OAuth provider, no stand-in."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import sqlalchemy as sa

from hub.keys import ensure_keys
from hub.portal.app import create_app
from hub.portal.models import AuditEvent, Login, PortalSession
from hub.portal.oauth import safe_next
from hub.settings import PORTAL_CLIENT_ID, Settings
from tests.hub.portal.conftest import free_port
from tests.hub.portal.web.conftest import CampusClient

CONFIG = """
from jupyterhub.proxy import Proxy

class NoProxy(Proxy):
    should_start = False
    async def add_route(self, routespec, target, data): pass
    async def delete_route(self, routespec): pass
    async def get_all_routes(self): return {}
    async def check_routes(self, *arguments, **named): pass

c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.bind_url = "http://127.0.0.1:%(port)d"
c.JupyterHub.hub_port = %(port)d
c.JupyterHub.db_url = "sqlite:///hub.sqlite"
c.JupyterHub.cookie_secret_file = "cookie"
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = "right password"
c.Authenticator.allow_all = True
c.OAuth2.require_pkce = True
c.JupyterHub.services = [dict(
    name="portal", oauth_client_id="%(client)s", api_token="%(secret)s",
    oauth_redirect_uri="http://localhost:8000/auth/callback", oauth_no_confirm=True,
)]
c.JupyterHub.load_roles = [dict(name="user", scopes=["self", "access:services"])]
"""


class HubAt(Settings):
    """Settings whose hub is the one that the fixture started, without a proxy."""

    where: str

    @property
    def hub_url(self) -> str:
        return f"{self.where}/"

    @property
    def hub_api_url(self) -> str:
        return f"{self.where}/hub/api"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("secrets")


@pytest.fixture(scope="module")
def hub_address(tmp_path_factory, secrets) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("hub"), free_port()
    keys = ensure_keys(secrets / "secrets")
    values = {"port": port, "client": PORTAL_CLIENT_ID, "secret": keys.portal_service_token}
    (folder / "config.py").write_text(CONFIG % values)
    command = [sys.executable, "-m", "jupyterhub", "-f", "config.py", "--log-level=WARN"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/hub/health", process, folder / "log")
        yield address
    finally:
        process.terminate()
        process.wait(20)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    pytest.fail(f"the hub did not start:\n{log.read_text()}")


@pytest.fixture
def portal(sqlite_database, secrets, hub_address):
    settings = HubAt(home=secrets, port=8000, database_url=str(sqlite_database.engine.url), where=hub_address)
    app = create_app(settings)
    app.test_client_class = CampusClient
    yield app.test_client()
    app.extensions["axcampus_database"].dispose()


def hub_browser(address: str, username: str) -> requests.Session:
    """Sign in at the hub as a browser does."""
    browser = requests.Session()
    page = browser.get(f"{address}/hub/login", timeout=20)
    token = re.search(r'name="_xsrf"\s+value="([^"]+)"', page.text)
    assert token
    form = {"username": username, "password": "right password", "_xsrf": token[1]}
    answer = browser.post(f"{address}/hub/login?next=/hub/home", data=form, allow_redirects=False, timeout=20)
    assert answer.status_code == 302
    return browser


def walk(portal, address: str, username: str, wanted: str = "/learn") -> str:
    """Start at the portal, pass the hub, return the address by which the hub sends the browser back."""
    start = portal.get(f"/auth/login?next={wanted}")
    answer = hub_browser(address, username).get(start.headers["Location"], allow_redirects=False, timeout=20)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def sessions(database):
    with database.reading() as session:
        query = sa.select(Login.subject).join(PortalSession, PortalSession.login_id == Login.id)
        return list(session.scalars(query))


def audit(database):
    with database.reading() as session:
        query = (
            sa.select(AuditEvent)
            .where(AuditEvent.subject_type.not_in(("roster", "kpi_snapshot")))
            .order_by(AuditEvent.id)
        )
        return [(event.action, event.actor, event.ip) for event in session.scalars(query)]


def test_a_known_person_is_signed_in_and_lands_on_the_page_they_wanted(portal, hub_address, sqlite_database):
    answer = portal.get(walk(portal, hub_address, "student0", "/courses"))
    assert answer.headers["Location"] == "/courses"
    assert sessions(sqlite_database) == ["student0"]
    assert "김서연" in portal.get("/learn").text
    assert audit(sqlite_database) == [("session.began", "student0", "127.0.0.1")]


def test_the_authorization_request_carries_state_and_pkce(portal):
    query = parse_qs(urlsplit(portal.get("/auth/login").headers["Location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    assert len(query["state"][0]) >= 22
    assert query["redirect_uri"] == ["http://localhost:8000/auth/callback"]


def test_a_hub_user_without_a_person_is_told_what_to_do_and_gets_no_session(portal, hub_address, sqlite_database):
    answer = portal.get(walk(portal, hub_address, "unknown.user"))
    assert answer.status_code == 403
    assert "unknown.user" in answer.text
    assert "운영 담당자" in answer.text
    assert sessions(sqlite_database) == []
    assert audit(sqlite_database) == [("sign_in.refused", "unknown.user", "127.0.0.1")]


def test_a_person_whose_login_is_disabled_gets_no_session(portal, hub_address, sqlite_database):
    with sqlite_database.writing() as session:
        session.execute(sa.update(Login).values(disabled_at=sa.func.current_timestamp()))
    assert portal.get(walk(portal, hub_address, "student0")).status_code == 403
    assert sessions(sqlite_database) == []


def test_a_callback_with_another_s_state_is_refused(portal, hub_address, sqlite_database):
    back = walk(portal, hub_address, "student0")
    assert portal.get(re.sub(r"state=[^&]+", "state=forged", back)).status_code == 400
    assert sessions(sqlite_database) == []


def test_a_callback_in_another_browser_is_refused(portal, hub_address, sqlite_database):
    back = walk(portal, hub_address, "student0")
    victim = portal.application.test_client()
    assert victim.get(back).status_code == 400
    assert sessions(sqlite_database) == []


def test_a_code_works_once(portal, hub_address, sqlite_database):
    back = walk(portal, hub_address, "student0")
    assert portal.get(back).status_code == 302
    assert portal.get(back).status_code == 400


def test_signing_in_anew_makes_the_token_before_worthless(portal, hub_address, sqlite_database):
    portal.get(walk(portal, hub_address, "student0"))
    old = portal.get_cookie("axcampus_session", domain="localhost").value
    portal.get(walk(portal, hub_address, "student0"))
    assert portal.get_cookie("axcampus_session", domain="localhost").value != old
    portal.set_cookie("axcampus_session", old, domain="localhost")
    assert portal.get("/learn").status_code == 302


def test_signing_out_ends_the_session_and_goes_on_to_the_hub(portal, hub_address):
    portal.application.config["WTF_CSRF_ENABLED"] = False
    portal.get(walk(portal, hub_address, "student0"))
    answer = portal.post("/auth/logout")
    assert answer.headers["Location"] == f"{hub_address}/hub/logout"
    assert portal.get("/learn").status_code == 302


def test_signing_out_at_the_hub_signs_out_here(portal, hub_address):
    portal.get(walk(portal, hub_address, "student0"))
    old = portal.get_cookie("axcampus_session", domain="localhost").value
    assert portal.get("/auth/front-logout").status_code == 200
    portal.set_cookie("axcampus_session", old, domain="localhost")
    assert portal.get("/learn").status_code == 302


def test_many_open_sign_ins_do_not_overflow_the_cookie(portal):
    for _ in range(20):
        portal.get("/auth/login?next=/courses")
    assert len(portal.get_cookie("axcampus_state", domain="localhost").value) < 3000


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x=1",
        "/ /evil",
        "learn",
        "",
        None,
        "/" + "a" * 3000,
    ],
)
def test_only_paths_of_our_own_are_gone_back_to(wanted):
    assert safe_next(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/", "/learn", "/teach/a/attempts?page=2&search=%EA%B9%80"])
def test_paths_of_our_own_are_kept(wanted):
    assert safe_next(wanted) == wanted
