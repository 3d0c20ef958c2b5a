"""The campus panel in a real JupyterLab in Chromium, as a student sees it."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.graders.exchange.notebook_server import NotebookServer, run_server
from tests.graders.exchange.portal_stand_in import ASSIGNMENT, COURSE, PortalThread, RunningPortal

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SCREENSHOTS = os.environ.get("SCREENSHOTS")

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with PortalThread() as running:
        running.state.has_second_assignment = True
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, portal: RunningPortal) -> Iterator[NotebookServer]:
    with run_server(tmp_path_factory.mktemp("home"), portal.environment()) as running:
        yield running


def open_lab(browser: Browser, server: NotebookServer, language: str) -> Page:
    page = browser.new_context(locale=language, viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"{server.url}lab?reset&token={server.token}")
    status = page.locator(".axc-status")
    expect(status).to_contain_text("남음" if language == "ko-KR" else "left", timeout=60_000)
    status.click()
    return page


def keep(page: Page, name: str) -> None:
    if SCREENSHOTS:
        page.screenshot(path=f"{SCREENSHOTS}/{name}.png")


def test_a_student_fetches_submits_and_watches_the_score_arrive(
    browser: Browser, server: NotebookServer, portal: RunningPortal
):
    page = open_lab(browser, server, "ko-KR")
    panel = page.locator(".axc-panel")
    expect(panel).to_contain_text("밀링 고장 예측")
    expect(panel).to_contain_text("아직 제출한 것이 없습니다.")
    keep(page, "panel-ko-before")

    panel.get_by_role("button", name="과제 가져오기").click()
    expect(panel).to_contain_text(f"'{COURSE}/{ASSIGNMENT}' 폴더로 가져왔습니다", timeout=20_000)
    page.get_by_role("heading", name="밀링 고장 예측").dblclick()
    page.locator(".jp-MarkdownCell .cm-content").click()
    page.keyboard.insert_text("내 답 ")
    expect(page.locator(".jp-MarkdownCell .cm-content")).to_contain_text("내 답")
    panel.get_by_role("button", name="제출", exact=True).click()
    expect(panel).to_contain_text("접수번호 7F3K-0001", timeout=20_000)
    assert "내 답" in portal.state.uploads["7F3K-0001"]["a03.ipynb"].decode()  # open notebooks are saved first
    expect(panel).to_contain_text("대기 중 (3번째)")
    keep(page, "panel-ko-submitted")

    portal.state.grade("7F3K-0001", 8.5)
    expect(panel).to_contain_text("채점 완료", timeout=20_000)
    expect(panel).to_contain_text("8.5 / 10")
    expect(page.locator(".axc-status")).to_contain_text("채점 완료")
    keep(page, "panel-ko-graded")
    page.context.close()


def test_an_english_browser_reads_english_and_can_change(browser: Browser, server: NotebookServer):
    page = open_lab(browser, server, "en-US")
    panel = page.locator(".axc-panel")
    expect(panel).to_contain_text("Next deadline")
    keep(page, "panel-en")
    panel.get_by_role("button", name="한국어").click()
    expect(panel).to_contain_text("다음 마감")
    page.context.close()


def test_another_assignment_of_the_course_can_be_chosen(
    browser: Browser, server: NotebookServer, portal: RunningPortal
):
    page = open_lab(browser, server, "ko-KR")
    panel = page.locator(".axc-panel")
    panel.get_by_label("과제", exact=True).select_option("a04")
    panel.get_by_role("button", name="과제 가져오기").click()
    expect(panel).to_contain_text("그런 과제가 없습니다", timeout=20_000)
    assert f"GET /api/v1/courses/{COURSE}/assignments/a04/release" in portal.state.calls
    page.context.close()


def test_a_refusal_is_shown_in_words(browser: Browser, server: NotebookServer, portal: RunningPortal):
    page = open_lab(browser, server, "ko-KR")
    panel = page.locator(".axc-panel")
    panel.get_by_role("button", name="과제 가져오기").click()
    expect(panel).to_contain_text("그대로 두고", timeout=20_000)
    portal.state.failures = ["closed"]
    panel.get_by_role("button", name="제출", exact=True).click()
    expect(panel).to_contain_text("마감되었습니다. 접수하지 않았습니다.", timeout=20_000)
    expect(panel).to_contain_text("req-1")
    page.context.close()


def test_team_work_and_a_persons_part_are_said(browser: Browser, server: NotebookServer, portal: RunningPortal):
    team = {"name": "3조", "submitted_by": "이두리", "members": ["김하나", "이두리"]}
    portal.state.attempts[-1].update(team=team, score=8.5, max_score=10.0, manual_max_score=5.0, manual_pending=True)
    page = open_lab(browser, server, "ko-KR")
    panel = page.locator(".axc-panel")
    expect(panel).to_contain_text("3조 팀의 이두리 님이 제출했습니다.")
    expect(panel).to_contain_text("사람이 채점할 부분이 남아 있습니다.")
    keep(page, "panel-team")
    portal.state.attempts[-1].update(team=None, manual_pending=False)
    page.context.close()


AUTHORS_TAB = '[data-id="nbgrader-create_assignemnt"]'


def test_an_author_s_tool_is_not_in_a_student_s_sidebar(browser: Browser, server: NotebookServer):
    page = open_lab(browser, server, "ko-KR")
    expect(page.locator(".axc-panel")).to_contain_text("밀링")
    expect(page.locator(AUTHORS_TAB)).to_have_count(0)
    page.context.close()


def test_an_author_s_tool_is_in_a_teacher_s_sidebar(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, portal: RunningPortal
):
    with run_server(tmp_path_factory.mktemp("teacher"), portal.environment("teacher-token")) as server:
        page = open_lab(browser, server, "ko-KR")
        expect(page.locator(AUTHORS_TAB)).to_have_count(1, timeout=20_000)
        page.context.close()


def test_text_from_the_portal_never_becomes_markup(browser: Browser, server: NotebookServer, portal: RunningPortal):
    portal.state.title_ko = "<img src=x onerror=window.hacked=1>"
    page = open_lab(browser, server, "ko-KR")
    expect(page.locator(".axc-panel")).to_contain_text("<img src=x")
    assert page.evaluate("window.hacked") is None
    page.context.close()


def test_the_assignment_list_opens_with_our_courses(browser: Browser, server: NotebookServer):
    page = open_lab(browser, server, "ko-KR")
    page.get_by_role("menuitem", name="Nbgrader").click()
    keep(page, "menu")
    page.get_by_role("menuitem", name="Assignment List").click()
    expect(page.locator("#assignments")).to_contain_text(COURSE, timeout=20_000)
    expect(page.locator("#submitted_assignments_list")).to_contain_text("7F3K-0001", timeout=20_000)
    keep(page, "assignment-list")
    page.context.close()
