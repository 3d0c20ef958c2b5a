"""The instructor's workbench in Chromium: accessible, by keyboard, and safe from what students put into notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import ServedPortal, keep, serve_campus
from tests.browser.test_pages import CONTROLS, LOOKS, SMALL_TARGETS
from tests.hub.loopback_server import Answers, served
from tests.hub.portal.web.hand_grading import HOSTILE_HTML, add_essays
from tests.hub.portal.web.regrading import open_regrades

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

COURSE = "/teach/manufacturing-ai"
ESSAYS = f"{COURSE}/bearing/marking"
PAGES = {
    "regrades": f"{COURSE}/milling/regrades",
    "regrade": f"{COURSE}/milling/regrades/1?show=all",
    "regrade-sample": f"{COURSE}/bearing/regrades/2",
    "marking": ESSAYS,
    "marking-one": f"{COURSE}/marking/{{essay}}",
    "gradebook": f"{COURSE}/gradebook",
    "policy": f"{COURSE}/bearing/policy",
    "upload": f"{COURSE}/upload",
    "preview": f"{COURSE}/milling/versions/2/preview",
    "course": COURSE,
    "deadlines": f"{COURSE}/milling/deadlines",
    "deadlines-proposed": f"{COURSE}/milling/deadlines?due_at=2026-01-01T18:00&late=zero",
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[ServedPortal]:
    with serve_campus(tmp_path_factory.mktemp("workbench")) as made:
        open_regrades(made.database)
        made.essays = add_essays(made.database, ("student0", "student2", "student4"), slug="bearing")
        yield made


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_workbench_is_accessible_and_fits(visit, portal, name, look):
    page = visit("instructor", PAGES[name].format(essay=portal.essays[0]), **LOOKS[look])
    found = Axe().run(page)
    keep(page, f"workbench-{name}-{look}")
    assert found.violations_count == 0, found.generate_report()
    assert page.problems == []
    assert page.evaluate("document.documentElement.scrollWidth") <= LOOKS[look]["width"]
    assert page.locator("h1").count() == 1
    assert page.evaluate(SMALL_TARGETS, CONTROLS) == []


def test_essays_are_graded_by_keyboard_alone(visit, portal):
    page = visit("instructor", f"{COURSE}/marking/{portal.essays[1]}")
    page.keyboard.press("j")
    expect(page.locator("#cell-0")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.type("근거가 분명합니다")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(f"{portal.address}{COURSE}/marking/{portal.essays[2]}")
    expect(page.get_by_role("status")).to_contain_text("저장했습니다")


@pytest.fixture
def elsewhere() -> Iterator[tuple[int, list[str]]]:
    """A server that a hostile notebook would call home to; it notes whoever calls."""
    asked: list[str] = []

    class Handler(Answers):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.answer(200, b"{}")

        do_POST = do_GET

    server: ThreadingHTTPServer
    with served(Handler) as server:
        yield server.server_address[1], asked


def test_a_hostile_notebook_runs_nothing_and_asks_nobody_while_it_is_graded(visit, portal, elsewhere):
    port, asked = elsewhere
    html = HOSTILE_HTML.replace("127.0.0.1:9/", f"127.0.0.1:{port}/")
    [receipt] = add_essays(portal.database, ("student5",), html, slug="bearing")
    page = visit("instructor", f"{COURSE}/marking/{receipt}")
    frame = page.frame(name="notebook")
    assert frame is not None
    frame.wait_for_load_state()
    expect(frame.get_by_text("text that stays").first).to_be_visible()
    keep(page, "workbench-hostile")
    links = frame.eval_on_selector_all("a", "all => all.map(a => a.getAttribute('href'))")
    ways_out = [place for place, address in enumerate(links) if not (address or "").startswith("#")]
    assert len(ways_out) >= 2
    for place in ways_out:
        page.reload()
        page.frame_locator("iframe").locator("a").nth(place).click(no_wait_after=True)
        page.wait_for_timeout(300)
    assert "owned" not in page.title()
    assert page.url.startswith(portal.address)
    assert asked == []


def test_the_same_notebook_without_its_cage_would_call_home(visit, portal, elsewhere):
    """What the test above relies on: this HTML does ask when nothing holds it."""
    port, asked = elsewhere
    page = visit("instructor", COURSE)
    page.context.new_page().set_content(HOSTILE_HTML.replace("127.0.0.1:9/", f"127.0.0.1:{port}/"))
    page.wait_for_timeout(1000)
    assert asked
