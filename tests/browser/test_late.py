"""What a student reads who handed in after the deadline: how late, what it costs, in both languages and everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe

from hub.portal.models import Attempt, DeadlineRule
from tests.browser.conftest import ServedPortal, Visit, keep, serve_campus

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedPortal]:
    """A campus whose first attempt came eighteen hours after the deadline."""
    with serve_campus(tmp_path_factory.mktemp("late")) as served:
        with served.database.writing() as session:
            query = sa.select(Attempt).where(Attempt.receipt_id == served.campus.graded_receipt)
            attempt = session.scalars(query).one()
            due = attempt.received_at - timedelta(hours=18)
            session.execute(
                sa.update(DeadlineRule)
                .where(DeadlineRule.assignment_id == attempt.assignment_id)
                .values(
                    due_at=due,
                    closes_at=datetime.now(UTC) + timedelta(days=3),
                    late_policy={"kind": "per_day", "percent_per_day": 10},
                )
            )
        yield served


@pytest.mark.parametrize(
    ("language", "words"), [("ko-KR", ("18시간 늦음", "-10%")), ("en-US", ("18 h late", "-10%"))], ids=["ko", "en"]
)
def test_receipt_and_assignment_say_how_late_and_what_it_costs(
    visit: Visit, portal: ServedPortal, language: str, words: tuple[str, ...]
) -> None:
    for name, path in {
        "receipt-late": f"/receipts/{portal.campus.graded_receipt}",
        "assignment-late": "/courses/manufacturing-ai/assignments/milling",
    }.items():
        page = visit("student0", path, language=language)
        keep(page, f"{name}-{language[:2]}")
        text = page.locator("main").inner_text()
        assert all(word in text.replace("\N{MINUS SIGN}", "-").replace(" %", "%") for word in words), text
        assert Axe().run(page).violations_count == 0
