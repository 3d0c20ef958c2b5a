"""The whole loop in one browser on the real platform: sign in, submit from JupyterLab, see the score and the funnel."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from courses.catalog import load_catalog
from hub.demo_roles import Role, answers_for, write_answers
from hub.parts import PROXY_SCRIPT, proxy_folder
from hub.processes import marked_processes, stop_processes
from hub.settings import Settings, ensure_folders
from tests.browser.conftest import keep
from tests.conftest import free_ports
from tests.hub.test_platform import Platform

COURSE, ASSIGNMENT = "manufacturing-ai", "a03-milling"
STUDENT = "minji.kim"
MINUTES = 60_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.platform,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not (proxy_folder(Settings()) / PROXY_SCRIPT).is_file(), reason="the proxy is not installed: make install"
    ),
]


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    settings = Settings(
        home=Path("/tmp") / f"axcampus-walk-{os.getpid()}", port=free_ports(4), notebook_start_seconds=150
    )
    ensure_folders(settings)
    made = Platform(settings)
    try:
        made.start()
        yield made
        made.stop()
    finally:
        stop_processes(marked_processes(settings.instance), 2)
        subprocess.run(["rm", "-rf", str(settings.home)], check=True)


def open_as(browser: Browser, platform: Platform, username: str) -> Page:
    """Sign in through the portal, by hand."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ko-KR")
    context.set_default_timeout(3 * MINUTES)
    page = context.new_page()
    page.goto(platform.settings.portal_url)
    page.get_by_role("link", name="로그인").click()
    page.get_by_label("아이디").fill(username)
    page.get_by_label("비밀번호").fill(platform.passwords[username])
    page.get_by_role("button", name="로그인").click()
    page.wait_for_url(f"{platform.settings.portal_url}/**")
    return page


def stage(page: Page, platform: Platform, name: str) -> int:
    """Read one number of the coordinator's funnel."""
    page.goto(f"{platform.settings.portal_url}/programme")
    return int(re.sub(r"\D", "", page.locator(f"[data-stage={name}]").inner_text().splitlines()[0]))


def solve(platform: Platform) -> None:
    """Write the reference solution into the student's fetched notebook, as an editor in the server would."""
    assignment = load_catalog().course(COURSE).assignment(ASSIGNMENT)
    [notebook] = platform.settings.homes.glob(f"*/{COURSE}/{ASSIGNMENT}/*.ipynb")
    answers = answers_for(Role.RIGHT, assignment)[notebook.stem]
    notebook.write_bytes(write_answers(notebook.read_bytes(), answers))


def test_a_student_submits_from_jupyterlab_and_the_coordinator_sees_the_funnel_move(browser, platform):
    coordinator = open_as(browser, platform, "coord.oh")
    before = stage(coordinator, platform, "submitted")
    keep(coordinator, "walk-1-funnel-before")

    student = open_as(browser, platform, STUDENT)
    keep(student, "walk-2-student-home")
    student.get_by_role("link", name="노트북 열기").click()
    student.locator(".axc-status").click()
    panel = student.locator(".axc-panel")
    panel.get_by_label("과제", exact=True).select_option(ASSIGNMENT)
    panel.get_by_role("button", name="과제 가져오기").click()
    expect(panel).to_contain_text("가져왔습니다", timeout=MINUTES)
    solve(platform)
    panel.get_by_role("button", name="제출", exact=True).click()
    expect(panel).to_contain_text("접수번호", timeout=MINUTES)
    keep(student, "walk-3-submitted")
    expect(panel).to_contain_text("채점 완료", timeout=4 * MINUTES)
    keep(student, "walk-4-score-in-jupyterlab")

    student.goto(f"{platform.settings.portal_url}/courses/{COURSE}/assignments/{ASSIGNMENT}")
    expect(student.locator("main")).to_contain_text("채점 완료", timeout=MINUTES)
    score = student.locator("aside .figure b").inner_text()
    assert float(score) > 0
    keep(student, "walk-5-score-in-portal")

    assert stage(coordinator, platform, "submitted") == before + 1
    keep(coordinator, "walk-6-funnel-after")

    student.locator("details.menu summary").click()
    student.get_by_role("button", name="로그아웃").click()
    expect(student.locator("h1")).to_have_text("로그아웃했습니다")
    student.goto(f"{platform.settings.hub_url}hub/home")
    expect(student.get_by_label("비밀번호")).to_be_visible()  # the hub has forgotten them too


def test_a_page_under_user_can_do_nothing_in_the_portal(browser, platform):
    student = open_as(browser, platform, "junho.lee")
    student.goto(f"{platform.settings.hub_url}hub/home")
    portal = platform.settings.portal_url
    seen = student.evaluate(
        """async portal => {
            const tries = [fetch(portal + '/learn', {credentials: 'include'}),
                           fetch(portal + '/account/role', {method: 'POST', credentials: 'include'})];
            return (await Promise.allSettled(tries)).map(each => each.status);
        }""",
        portal,
    )
    assert seen == ["rejected", "rejected"]
