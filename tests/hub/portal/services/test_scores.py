"""Scores say one thing everywhere: tests' points of tests' points, a person's part beside it."""

import json
from datetime import timedelta

import pytest

from graders.exchange import wire
from hub.portal.models import AssignmentVersion, Grade
from hub.portal.services.attempts import own_attempts
from hub.portal.services.student_overview import student_overview


@pytest.fixture
def with_manual_part(sqlite_campus):
    """Tests give 10 points, a person 5 more."""
    with sqlite_campus.database.writing() as session:
        for version in session.query(AssignmentVersion):
            version.manual_max_score = 5.0
    return sqlite_campus


def seen(campus, person, at=None):
    with campus.database.reading() as session:
        [work] = student_overview(session, person, at or campus.now).works
        [attempt] = own_attempts(session, person, work.assignment.id, at or campus.now)
        return work.score, attempt


def test_a_receipt_and_the_grade_name_the_same_points_while_a_part_is_pending(with_manual_part) -> None:
    kim = with_manual_part.person("kim")
    with_manual_part.submit(kim)
    with_manual_part.grade(score=10.0)
    score, attempt = seen(with_manual_part, kim)
    assert (score.automatic, score.automatic_max) == (attempt.score, attempt.max_score) == (10.0, 10.0)
    assert score.manual_pending
    assert attempt.manual_pending
    assert (score.manual_max, attempt.manual_max_score) == (5.0, 5.0)
    assert not score.has_sum


def test_a_graded_part_of_a_person_stands_beside_and_the_sum_is_named(with_manual_part) -> None:
    kim = with_manual_part.person("kim")
    with_manual_part.submit(kim)
    with_manual_part.grade(score=8.0)
    with with_manual_part.database.writing() as session:
        grade = session.query(Grade).one()
        grade.manual_points, grade.needs_manual, grade.score = 4.0, False, 12.0
    score, attempt = seen(with_manual_part, kim)
    assert (score.automatic, score.manual, attempt.manual_score) == (8.0, 4.0, 4.0)
    assert not attempt.manual_pending
    assert (score.has_sum, score.counted, score.counted_max) == (True, 12.0, 15.0)


def test_lateness_changes_what_counts_not_what_tests_gave(sqlite_campus) -> None:
    kim = sqlite_campus.person("kim")
    with sqlite_campus.database.reading() as session:
        [work] = student_overview(session, kim, sqlite_campus.now).works
    late = work.deadline.due_at + work.deadline.grace + timedelta(hours=1)
    sqlite_campus.submit(kim, received_at=late)
    sqlite_campus.grade(score=10.0, at=late)
    score, attempt = seen(sqlite_campus, kim, late)
    assert (score.automatic, score.automatic_max, attempt.score) == (10.0, 10.0, 10.0)
    assert (score.penalty_percent, score.counted) == (10.0, 9.0)
    assert score.has_sum


def test_a_plain_score_needs_no_second_sum(sqlite_campus) -> None:
    kim = sqlite_campus.person("kim")
    sqlite_campus.submit(kim)
    sqlite_campus.grade(score=7.0)
    score, attempt = seen(sqlite_campus, kim)
    assert (score.has_sum, score.manual_pending, attempt.manual_pending) == (False, False, False)


def test_an_older_server_reads_the_new_answer_and_a_newer_one_the_old() -> None:
    old = {"assignment": "a01", "score": 7.0, "max_score": 10.0}
    assert wire.NewestScore.model_validate(old).manual_pending is False
    assert wire.NewestScore.model_validate_json(json.dumps(old | {"tomorrow": 1})).score == 7.0
