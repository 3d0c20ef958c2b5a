from __future__ import annotations

import sqlalchemy as sa

from hub.portal.models import Grade, RegradeItem
from tests.hub.portal.web.regrading import grade_everybody, start_regrade

PAGE = "/teach/manufacturing-ai/milling/regrades"


def scores(database) -> list[float]:
    with database.reading() as session:
        return sorted(session.scalars(sa.select(Grade.score)).all())


def test_a_regrade_begins_with_a_sample_and_changes_nothing(sign_in, sqlite_database):
    before = scores(sqlite_database)
    client = sign_in("instructor")
    answer = client.post(PAGE, data={"version": "2", "reason": "b의 기준"}, follow_redirects=True)
    assert "표본을 채점하고 있습니다" in answer.text
    assert "0건 채점" in answer.text
    assert scores(sqlite_database) == before


def test_the_difference_is_shown_by_test_and_by_submission_then_published(sign_in, sqlite_database):
    regrade = start_regrade(sqlite_database, "milling")
    grade_everybody(sqlite_database, regrade)
    client = sign_in("instructor")
    page = client.get(f"{PAGE}/{regrade}").text
    assert "hidden-f1-score" in page
    assert "이 점수를 반영" in page
    done = client.post(f"{PAGE}/{regrade}/publish", follow_redirects=True).text
    assert "새 점수를 반영했습니다" in done
    assert scores(sqlite_database) == [10.0] * 4


def test_what_does_not_change_is_shown_on_request(sign_in, sqlite_database):
    regrade = start_regrade(sqlite_database, "milling")
    grade_everybody(sqlite_database, regrade)
    client = sign_in("instructor")
    with sqlite_database.reading() as session:
        changed = session.scalar(sa.select(sa.func.count()).where(RegradeItem.is_changed))
        total = session.scalar(sa.select(sa.func.count(RegradeItem.id)))
    assert client.get(f"{PAGE}/{regrade}").text.count("receipt-id") == changed
    assert client.get(f"{PAGE}/{regrade}?show=all").text.count("receipt-id") == total > changed


def test_throwing_away_leaves_every_score(sign_in, sqlite_database):
    regrade = start_regrade(sqlite_database, "milling")
    before = scores(sqlite_database)
    grade_everybody(sqlite_database, regrade)
    page = sign_in("instructor").post(f"{PAGE}/{regrade}/discard", follow_redirects=True).text
    assert "모든 점수가 이전 그대로입니다" in page
    assert scores(sqlite_database) == before


def test_what_arrives_while_the_button_is_pressed_is_shown_first(sign_in, sqlite_database):
    regrade = start_regrade(sqlite_database, "milling")
    grade_everybody(sqlite_database, regrade)
    with sqlite_database.writing() as session:
        session.execute(
            sa.delete(RegradeItem).where(RegradeItem.id == sa.select(sa.func.max(RegradeItem.id)).scalar_subquery())
        )
    page = sign_in("instructor").post(f"{PAGE}/{regrade}/publish", follow_redirects=True).text
    assert "1건이 새로 들어왔습니다" in page
    assert "아직 반영하지 않았습니다" in page


def test_a_regrade_of_another_assignment_is_not_there(sign_in, sqlite_database):
    regrade = start_regrade(sqlite_database, "milling")
    other = f"/teach/manufacturing-ai/bearing/regrades/{regrade}"
    assert sign_in("instructor").get(other).status_code == 404


def test_six_hundred_submissions_cost_the_page_no_more_questions_than_ten(sign_in, sqlite_database):
    regrade = start_regrade(sqlite_database, "milling")
    grade_everybody(sqlite_database, regrade)
    client = sign_in("instructor")
    asked = []
    engine = client.application.extensions["axcampus_database"].engine
    sa.event.listen(engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    assert client.get(f"{PAGE}/{regrade}?show=all").status_code == 200
    assert len([statement for statement in asked if statement.startswith("SELECT")]) <= 25
