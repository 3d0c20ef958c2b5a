"""A simulation says what grading will say: the same functions over the same attempts, and nothing is written."""

from datetime import timedelta

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from hub.portal.models import Assignment, Attempt, CountingRule, DeadlineRule, Grade, Role
from hub.portal.services.deadline_simulation import Handed, outcome, simulate
from hub.portal.services.deadlines import Deadline, LateKind, LatePolicy, judge
from hub.portal.services.results import refresh_grade
from hub.portal.services.timetable import deadline_for
from tests.hub.portal.services.test_deadlines import DUE, deadline

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZERO = LatePolicy(kind=LateKind.ZERO)


def test_a_proposed_rule_is_shown_beside_the_present_one_and_changes_nothing(campus) -> None:
    teacher, kim, lee = campus.person("park", Role.INSTRUCTOR), campus.person("kim"), campus.person("lee")
    with campus.database.reading() as session:
        assignment = session.scalars(sa.select(Assignment)).one()
        rule = session.scalars(sa.select(DeadlineRule).where(DeadlineRule.assignment_id == assignment.id)).first()
        due, cohort_id = rule.due_at, rule.cohort_id
    campus.submit(kim, received_at=due + 18 * HOUR)
    campus.grade(score=10.0, at=due + DAY)
    with campus.database.reading() as session:
        assignment = session.scalars(sa.select(Assignment)).one()
        rows = simulate(session, teacher, assignment, cohort_id, Deadline(due_at=due, late=ZERO))
        assert not session.new
        assert not session.dirty
    by_person = {row.person_id: row for row in rows}
    now, then = by_person[kim].now, by_person[kim].then
    assert now is not None
    assert then is not None
    assert (now.score, now.text.ko, then.score) == (9.0, "18시간 늦음: −10 %", 0.0)
    assert (by_person[kim].changes, by_person[lee].changes, by_person[lee].then) == (True, False, None)


def test_what_was_simulated_is_what_the_grade_becomes(campus) -> None:
    teacher, kim = campus.person("park", Role.INSTRUCTOR), campus.person("kim")
    with campus.database.reading() as session:
        due = session.scalars(sa.select(DeadlineRule)).first().due_at
    for hours, score in ((-1, 4.0), (30, 9.0)):
        at = due + timedelta(hours=hours)
        attempt = campus.submit(kim, str(hours), received_at=at).attempt
        campus.grade(score=score, at=at)
    with campus.database.writing() as session:
        rule = session.scalars(sa.select(DeadlineRule)).first()
        assignment = session.get_one(Assignment, rule.assignment_id)
        assignment.counting_rule = CountingRule.BEST
        proposed = Deadline(due_at=due, closes_at=rule.closes_at, late=LatePolicy(kind=LateKind.PER_DAY))
        cohort_id = next(
            each.cohort_id
            for each in session.scalars(sa.select(DeadlineRule))
            if any(row.person_id == kim for row in simulate(session, teacher, assignment, each.cohort_id, proposed))
        )
        then = next(
            row.then for row in simulate(session, teacher, assignment, cohort_id, proposed) if row.person_id == kim
        )
        newest = session.scalars(sa.select(DeadlineRule).where(DeadlineRule.cohort_id == cohort_id)).one()
        newest.grace_seconds, newest.late_policy = 0, proposed.late.model_dump(mode="json")
        session.flush()
        refresh_grade(session, session.get_one(Attempt, attempt.id), campus.now)
        grade = session.scalars(sa.select(Grade).where(Grade.person_id == kim)).one()
        assert deadline_for(session, None, assignment.id) == Deadline()
        assert then is not None
        assert (grade.score, grade.penalty_percent) == (then.score, then.penalty_percent)


attempts = st.lists(
    st.tuples(st.timedeltas(-5 * DAY, 10 * DAY), st.one_of(st.none(), st.floats(0, 10))), max_size=6
).map(lambda rows: [Handed(number, DUE + shift, score) for number, (shift, score) in enumerate(rows, 1)])


@given(handed=attempts, rule=st.sampled_from(CountingRule))
def test_more_time_never_costs_anybody_points_where_the_best_counts(handed: list[Handed], rule: CountingRule) -> None:
    del rule
    tight, loose = deadline(), Deadline(due_at=DUE + 3 * DAY, late=deadline().late)
    before = outcome(CountingRule.BEST, [(each, tight) for each in handed])
    after = outcome(CountingRule.BEST, [(each, loose) for each in handed])
    assert (before is None) == (after is None)
    assert before is None or after is None or after.score >= before.score


@given(handed=attempts, rule=st.sampled_from(CountingRule))
def test_only_an_attempt_with_a_score_counts_and_order_of_arrival_does_not_matter(
    handed: list[Handed], rule: CountingRule
) -> None:
    pairs = [(each, deadline()) for each in handed]
    found = outcome(rule, pairs)
    assert found == outcome(rule, pairs[::-1])
    scores = {each.number: each.score for each in handed if each.score is not None}
    assert (found is None) == (not scores)
    assert found is None or found.number in scores


@given(handed=attempts)
def test_the_last_on_time_is_on_time_whenever_anything_was(handed: list[Handed]) -> None:
    found = outcome(CountingRule.LAST_ON_TIME, [(each, deadline()) for each in handed])
    on_time = [
        each.number for each in handed if each.score is not None and not judge(deadline(), each.received_at).is_late
    ]
    if on_time:
        assert found is not None
        assert found.number == max(on_time)
