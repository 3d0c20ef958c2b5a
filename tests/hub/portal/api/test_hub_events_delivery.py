"""The hub's real sender against the real portal on a port: what the ledger of notebook servers says afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from hub.configure import hub_configuration
from hub.events import EventPost, HubEvent, ServerEvent
from hub.keys import ensure_keys
from hub.portal.app import create_app
from hub.portal.models import ServerSession
from hub.portal.web import DATABASE
from hub.settings import Settings
from tests.hub.portal.conftest import free_port


@pytest.fixture(params=["localhost", "campus.example"])
def settings(request, sqlite_campus, tmp_path) -> Settings:
    """Events go to ``localhost``, whatever name people reach the portal by."""
    url = str(sqlite_campus.database.engine.url)
    home = tmp_path / "home"
    return Settings(home=home, port=free_port(), database_url=url, portal_host=request.param, log_level="WARNING")


@pytest.fixture
def portal(settings: Settings) -> Iterator[None]:
    app = create_app(settings)
    server = make_server("localhost", settings.port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions[DATABASE].dispose()


def sender(settings: Settings) -> EventPost:
    """Return the sender that the hub's configuration gives to every server."""
    post = hub_configuration(settings, ensure_keys(settings.secrets))["CampusSpawner"]["events"]
    assert isinstance(post, EventPost)
    return post


def send(settings: Settings, *events: HubEvent) -> None:
    post = sender(settings)
    for event in events:
        post.send(event)
    post.close()


def waiting(settings: Settings) -> int:
    return len(list((settings.run / "hub-events").iterdir()))


def test_a_server_s_life_opens_becomes_ready_and_closes_in_the_ledger(portal, settings, sqlite_campus) -> None:
    kim = sqlite_campus.person("kim")
    started = HubEvent(ServerEvent.STARTED, "kim", "life-1", profile="cpu")
    send(settings, started)
    row = sqlite_campus.get(ServerSession)
    assert (row.person_id, row.session_key, row.profile) == (kim, "life-1", "cpu")
    assert (row.ready_at, row.stopped_at) == (None, None)
    assert row.started_at.isoformat() == started.at
    send(settings, HubEvent(ServerEvent.READY, "kim", "life-1"))
    row = sqlite_campus.get(ServerSession)
    assert row.started_at <= row.ready_at
    assert row.stopped_at is None
    send(settings, HubEvent(ServerEvent.STOPPED, "kim", "life-1"))
    row = sqlite_campus.get(ServerSession)
    assert row.ready_at <= row.stopped_at
    assert (row.stop_reason, waiting(settings)) == ("stopped", 0)


def test_a_server_that_did_not_start_is_closed_as_failed_and_the_next_life_is_another_row(
    portal, settings, sqlite_campus
) -> None:
    send(
        settings,
        HubEvent(ServerEvent.STARTED, "kim", "life-1"),
        HubEvent(ServerEvent.FAILED, "kim", "life-1"),
        HubEvent(ServerEvent.STARTED, "kim", "life-2"),
    )
    failed = sqlite_campus.get(ServerSession, session_key="life-1")
    assert (failed.stop_reason, failed.ready_at, failed.person_id) == ("failed", None, None)
    assert sqlite_campus.get(ServerSession, session_key="life-2").stopped_at is None


def test_events_kept_while_the_portal_was_away_arrive_in_order(settings, sqlite_campus, request) -> None:
    events = [HubEvent(kind, "kim", "life-1") for kind in (ServerEvent.STARTED, ServerEvent.READY)]
    send(settings, *events)
    assert waiting(settings) == 2
    request.getfixturevalue("portal")
    send(settings, HubEvent(ServerEvent.STOPPED, "kim", "life-1"))
    row = sqlite_campus.get(ServerSession)
    assert [row.started_at.isoformat(), row.ready_at.isoformat()] == [event.at for event in events]
    assert row.stopped_at is not None
    assert waiting(settings) == 0
