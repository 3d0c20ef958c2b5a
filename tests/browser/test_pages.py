"""Every page in Chromium: accessible, nothing from elsewhere, fits a phone, works by keyboard and without script."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import keep

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PAGES = {
    "landing": (None, "/"),
    "student-home": ("student0", "/learn"),
    "student-empty": ("student1", "/learn"),
    "courses": ("student0", "/courses"),
    "course": ("student0", "/courses/manufacturing-ai"),
    "assignment": ("student0", "/courses/manufacturing-ai/assignments/milling"),
    "receipt": ("student0", "/receipts/{graded}"),
    "receipt-waiting": ("student0", "/receipts/{waiting}"),
    "assignment-team": ("student3", "/courses/manufacturing-ai/assignments/tool-wear"),
    "assignment-no-team": ("student0", "/courses/manufacturing-ai/assignments/tool-wear"),
    "assignment-extended": ("student3", "/courses/manufacturing-ai/assignments/milling"),
    "receipt-team": ("student3", "/receipts/{team}"),
    "receipt-failed": ("instructor", "/receipts/{failed}"),
    "extensions": ("instructor", "/teach/manufacturing-ai/milling/extensions"),
    "teams": ("instructor", "/teach/manufacturing-ai/tool-wear/teams"),
    "no-teams": ("instructor", "/teach/manufacturing-ai/milling/teams"),
    "taught-course": ("instructor", "/teach/manufacturing-ai"),
    "attempts": ("instructor", "/teach/manufacturing-ai/attempts"),
    "version": ("instructor", "/teach/manufacturing-ai/milling/versions/2"),
    "receipt-staff": ("instructor", "/receipts/{graded}"),
    "programme": ("coordinator", "/programme"),
    "programme-part": ("gnu-coordinator", "/programme"),
    "who-is-counted": ("coordinator", "/programme/progress/gnai/people"),
    "closed-counts": ("coordinator", "/programme/progress/gnai/closings"),
    "closed-count": ("coordinator", "/programme/progress/gnai/closings/{closed}"),
    "cohort": ("coordinator", "/programme/cohorts/gnu-1"),
    "invitations": ("coordinator", "/programme/cohorts/gnu-1/invitations"),
    "invitation-over": (None, "/invitations?token=unknown"),
    "person": ("coordinator", "/programme/people/{person}"),
    "duplicates": ("coordinator", "/programme/duplicates"),
    "duplicate": ("coordinator", "/programme/duplicates/{person}/{foreign}"),
    "companies": ("coordinator", "/programme/companies"),
    "company-new": ("coordinator", "/programme/companies/new"),
    "my-data": ("student0", "/account/data"),
    "access-log": ("administrator", "/administration/access-log"),
    "rosters": ("coordinator", "/programme/cohorts/gnu-1/rosters"),
    "roster-check": ("coordinator", "/programme/cohorts/gnu-1/rosters/{roster}"),
    "certificates-register": ("coordinator", "/programme/cohorts/inje-1/certificates"),
    "certificate-check": (None, "/certificates"),
    "certificate-unknown": (None, "/certificates/0000-0000-0000-0000-0000"),
    "my-certificates": ("student1", "/learn/certificates"),
    "my-certificates-none": ("student0", "/learn/certificates"),
    "exports": ("coordinator", "/programme/exports"),
    "account": ("both", "/account"),
    "no-role": ("nobody", "/"),
    "forbidden": ("student0", "/programme"),
    "not-found": ("student0", "/nowhere"),
    "signed-out": (None, "/auth/front-logout"),
}
LOOKS = {
    "wide-ko-light": {"width": 1280, "language": "ko-KR", "scheme": "light"},
    "phone-en-dark": {"width": 390, "language": "en-US", "scheme": "dark"},
}
CONTROLS = "button, .button, summary, .site-nav a, select, input:not([type=hidden])"
SMALL_TARGETS = """controls => [...document.querySelectorAll(controls)]
    .map(e => e.type === "checkbox" && e.closest("label") || e)
    .filter(e => e.offsetParent && e.getBoundingClientRect().height < 39.5).map(e => e.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_fits_and_asks_nobody_else(visit, portal, name, look):
    username, path = PAGES[name]
    wanted = LOOKS[look]
    campus = portal.campus
    address = path.format(
        graded=campus.graded_receipt,
        waiting=campus.waiting_receipt,
        team=campus.team_receipt,
        failed=campus.failed_receipt,
        roster=campus.roster,
        closed=campus.closed,
        person=campus.person,
        foreign=campus.foreign_person,
    )
    page = visit(username, address, **wanted)
    found = Axe().run(page)
    keep(page, f"{name}-{look}")
    assert found.violations_count == 0, found.generate_report()
    assert page.problems == []
    assert page.evaluate("document.documentElement.scrollWidth") <= wanted["width"]
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == wanted["language"][:2]
    assert page.evaluate(SMALL_TARGETS, CONTROLS) == []


def test_a_page_weighs_little_without_its_fonts(visit, portal):
    page = visit("student0", "/learn")
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter(e => !e.name.includes('/fonts/'))"
        ".reduce((sum, entry) => sum + entry.encodedBodySize, 0)"
    )
    assert sizes + len(page.content()) < 200_000


def test_home_answers_the_four_questions_on_a_phone_without_scrolling(visit):
    page = visit("student0", "/learn", width=390)
    bar = page.locator("#path ~ *, svg.bar").last.bounding_box()
    assert bar is not None
    assert bar["y"] + bar["height"] <= 800


def test_zoomed_to_200_percent_nothing_scrolls_sideways(visit):
    page = visit("instructor", "/teach/manufacturing-ai", width=640)  # 1280 px at 200 %
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_the_keyboard_reaches_content_notebook_and_sign_out(visit):
    page = visit("student0", "/learn")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="노트북 열기")).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.locator("details.menu summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="로그아웃")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="로그아웃")).to_be_hidden()
    expect(page.locator("details.menu summary")).to_be_focused()


def test_an_instructor_publishes_by_keyboard(visit):
    page = visit("instructor", "/teach/manufacturing-ai/milling/versions/2")
    page.get_by_role("button", name="2번 버전 게시").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("게시했습니다")


def test_the_language_switch_works_without_script_and_is_remembered(visit, portal):
    page = visit("student2", "/learn", script=False)
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_contain_text("Hello")
    page.goto(f"{portal.address}/courses")
    expect(page.locator("h1")).to_have_text("My courses")


def test_what_moves_is_refreshed_without_losing_the_place(visit, portal):
    page = visit("coordinator", "/programme")
    page.evaluate("window.kept = true")
    with page.expect_response(re.compile("fragment=live"), timeout=20_000) as first:
        pass
    assert first.value.status == 200
    with page.expect_response(re.compile("fragment=live"), timeout=20_000) as second:
        pass
    assert second.value.status == 304
    assert page.evaluate("window.kept") is True


def test_a_notebook_s_feedback_can_run_nothing_and_knows_no_cookie(visit, portal):
    page = visit("instructor", f"/receipts/{portal.campus.graded_receipt}/feedback/0")
    assert page.evaluate("self.origin") == "null"
    keep(page, "feedback")
