"""The middle of the coordinator's day in Chromium: rules, their preview, facts, a decision; then the student's page.

Everything is done by keyboard once it has the focus, and axe looks at every page on the way.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import keep

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

COMPLETION = "/programme/cohorts/gnu-1/completion"
STUDENT, MASKED = "student7", "윤*준"


def look(page: Page, name: str) -> None:
    """Keep a picture; nothing is inaccessible, nothing scrolls sideways, nothing comes from elsewhere."""
    keep(page, f"completion-{name}")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    assert page.problems == []  # type: ignore[attr-defined]


def press(control: Locator, key: str = "Enter") -> None:
    """Use a control as somebody without a mouse."""
    control.focus()
    control.press(key)


def set_survey_only(page: Page) -> None:
    page.get_by_label("출석률", exact=True).select_option("none")
    page.get_by_label("평가 점수", exact=True).select_option("none")
    look(page, "1-rules")
    press(page.get_by_role("button", name="저장하고 결과 미리 보기"))
    expect(page.locator("h1")).to_contain_text("수료 기준 1판")
    look(page, "2-preview")
    press(page.get_by_role("button", name="이 기준 적용"))
    expect(page.get_by_role("status")).to_contain_text("이 기준을 적용합니다")


def enter_survey(page: Page) -> None:
    press(page.get_by_role("link", name=MASKED))
    page.get_by_label("만족도 조사", exact=True).select_option("yes")
    press(page.get_by_role("button", name="저장", exact=True))
    expect(page.get_by_role("status")).to_contain_text("저장했습니다")
    look(page, "3-trainee")


def test_rules_facts_and_a_confirmed_completion_reach_the_student(visit, portal):
    page = visit("coordinator", COMPLETION)
    look(page, "0-no-rules")
    press(page.get_by_role("link", name="수료 기준 정하기"))
    set_survey_only(page)
    enter_survey(page)
    page.goto(portal.address + COMPLETION)
    box = page.get_by_role("checkbox", name=MASKED)
    expect(box).to_be_checked()
    press(box, "Space")
    expect(box).not_to_be_checked()
    press(box, "Space")
    look(page, "4-proposals")
    press(page.get_by_role("button", name="선택한 결정 확정"))
    expect(page.get_by_role("status")).to_contain_text("1명의 결정을 확정했습니다")

    student = visit(STUDENT, "/learn", width=390)
    press(student.get_by_role("link", name="나의 수료 현황"))
    expect(student.locator("main")).to_contain_text("수료하셨습니다")
    look(student, "5-student")
    other = visit("student2", "/learn/path", width=390, language="en-US", scheme="dark")
    expect(other.locator("main")).to_contain_text("Satisfaction survey")
    look(other, "6-on-the-way")
