"""A student in a browser: signs in, opens JupyterLab, submits, sees the score; the coordinator sees the funnel move."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.end_to_end.platform_on_free_ports import Platform, running_platform

pytestmark = [pytest.mark.platform, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SCREENSHOTS = os.environ.get("SCREENSHOTS")
PATIENCE_MS = 180_000


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("campus") / "var") as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


def sign_in(browser: Browser, platform: Platform, username: str) -> Page:
    """Come in through the portal, as the hub's form asks."""
    password = json.loads(platform.command("user", "reset", username, "--json").stdout)["password"]
    page = browser.new_context(locale="ko-KR", viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{platform.portal_url}/auth/login")
    page.fill("input[name=username]", username)
    page.fill("input[type=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{platform.portal_url}/**")
    return page


def submitted_people(page: Page, platform: Platform) -> int:
    page.goto(f"{platform.portal_url}/programme")
    return int(page.locator("[data-stage=submitted]").inner_text().split()[0].replace(",", ""))


def keep(page: Page, name: str) -> None:
    if SCREENSHOTS:
        page.screenshot(path=f"{SCREENSHOTS}/{name}.png")


def test_a_student_submits_in_jupyterlab_and_the_coordinators_funnel_moves(browser: Browser, platform: Platform):
    coordinator = sign_in(browser, platform, "coord.oh")
    before = submitted_people(coordinator, platform)

    student = sign_in(browser, platform, "minji.kim")
    student.goto(f"{platform.hub_url}hub/spawn")
    student.wait_for_url("**/user/minji.kim/lab**")
    status = student.locator(".axc-status")
    expect(status).to_contain_text("남음", timeout=PATIENCE_MS)
    status.click()
    panel = student.locator(".axc-panel")
    panel.get_by_role("button", name="과제 가져오기").click()
    expect(panel).to_contain_text("폴더로 가져왔습니다", timeout=PATIENCE_MS)
    panel.get_by_role("button", name="제출", exact=True).click()
    expect(panel).to_contain_text("접수번호", timeout=PATIENCE_MS)
    expect(panel.locator(".axc-badge")).to_contain_text("채점 완료", timeout=PATIENCE_MS)
    keep(student, "loop-student-jupyterlab")

    with student.context.expect_page() as opened:
        panel.locator("dd a").first.click()
    receipt = opened.value
    expect(receipt.locator("main")).to_contain_text("채점 완료", timeout=PATIENCE_MS)
    keep(receipt, "loop-student-receipt")

    assert submitted_people(coordinator, platform) == before + 1
    keep(coordinator, "loop-coordinator")
