"""Grading by hand: no edit is lost, two readers stay apart, the grade follows, all of it stays as history."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from hub.portal.errors import ConflictError, ForbiddenError, InvalidError
from hub.portal.models import Assignment, Attempt, AuditEvent, ManualMark, MarkPart, RubricItem
from hub.portal.services.audit import Actor
from hub.portal.services.results import refresh_grade
from hub.portal.services.workbench.mark_points import feedback_marks
from hub.portal.services.workbench.marking import (
    RubricLine,
    Trouble,
    add_rubric_item,
    archive_rubric_item,
    save_marks,
)
from hub.portal.services.workbench.marking_overview import (
    grading_view,
    left_to_grade,
    list_submissions,
    next_ungraded,
)
from tests.hub.portal.services.workbench.hand_graded import CODE, ESSAY, form, make_hand_graded

KEY = ("a.ipynb", ESSAY)


@pytest.fixture
def work(campus):
    return make_hand_graded(campus)


@pytest.fixture
def sqlite_work(sqlite_campus):
    return make_hand_graded(sqlite_campus)


def test_the_grade_waits_for_the_last_cell_and_then_counts_all_of_them(work):
    attempt = work.hand_in("kim")
    work.mark(attempt, form(ESSAY, "3,5"))
    assert (work.grade(attempt).needs_manual, work.grade(attempt).manual_points) == (True, None)
    work.mark(attempt, form(CODE, "6"))
    grade = work.grade(attempt)
    assert (grade.needs_manual, grade.manual_points, grade.score, grade.max_score) == (False, 9.5, 12.5, 13.0)
    assert work.campus.count(AuditEvent, action="marks.saved") == 2


def test_points_of_people_outlive_a_grade_that_is_worked_out_anew(work):
    attempt = work.hand_in("kim")
    work.mark(attempt, form(ESSAY, "4"), form(CODE, "6"))
    with work.campus.database.writing() as session:
        refresh_grade(session, session.get_one(Attempt, attempt), work.campus.now)
    assert work.grade(attempt).score == 13.0


def test_whoever_comes_second_is_told_and_both_texts_stay(work):
    attempt = work.hand_in("kim")
    work.mark(attempt, form(ESSAY, "4", comment="훌륭합니다"))
    saved = work.mark(attempt, form(ESSAY, "1", comment="근거가 없습니다"), form(CODE, "5"), by=1)
    assert saved.troubles == {KEY: Trouble.CONFLICT}
    assert saved.cells == 1
    again = work.mark(attempt, form(ESSAY, "1", comment="근거가 없습니다", seen=1), by=1)
    assert not again.troubles
    with work.campus.database.reading() as session:
        [essay, _] = grading_view(session, work.readers[0].person_id, session.get_one(Attempt, attempt)).cells
    assert [(each.by, each.comment) for each in essay.history] == [("Seo", "근거가 없습니다"), ("Park", "훌륭합니다")]


def test_two_who_save_the_same_cell_at_once_leave_one_revision_and_one_conflict(campus):
    work = make_hand_graded(campus)
    attempt = work.hand_in("kim")
    barrier, results = threading.Barrier(2), []

    def save(by: int) -> None:
        barrier.wait()
        results.append(work.mark(attempt, form(ESSAY, str(by + 1)), by=by))

    threads = [threading.Thread(target=save, args=(by,)) for by in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(saved.troubles) for saved in results) == [0, 1]
    assert campus.count(ManualMark) == 1


def test_saving_what_has_not_changed_writes_nothing(sqlite_work):
    attempt = sqlite_work.hand_in("kim")
    sqlite_work.mark(attempt, form(ESSAY, "4"))
    assert sqlite_work.mark(attempt, form(ESSAY, "4.0", seen=1), by=1).cells == 0
    assert sqlite_work.campus.count(ManualMark) == 1


def test_a_mark_once_saved_never_changes(work):
    work.mark(work.hand_in("kim"), form(ESSAY, "4"))
    with pytest.raises(DBAPIError, match="never change"), work.campus.database.writing() as session:
        session.execute(sa.update(ManualMark).values(points=0))


@pytest.mark.parametrize(
    ("free", "trouble"),
    [
        ("x", Trouble.NO_NUMBER),
        ("nan", Trouble.NO_NUMBER),
        ("inf", Trouble.NO_NUMBER),
        ("-1", Trouble.OUT_OF_RANGE),
        ("4.01", Trouble.OUT_OF_RANGE),
    ],
)
def test_points_that_can_t_be_are_refused_and_the_rest_is_saved(sqlite_work, free, trouble):
    attempt = sqlite_work.hand_in("kim")
    saved = sqlite_work.mark(attempt, form(ESSAY, free), form(CODE, "6"))
    assert (saved.troubles, saved.cells) == ({KEY: trouble}, 1)


def test_a_comment_without_end_is_refused(sqlite_work):
    attempt = sqlite_work.hand_in("kim")
    saved = sqlite_work.mark(attempt, form(ESSAY, "1", comment="가" * 10_001))
    assert saved.troubles == {KEY: Trouble.TOO_LONG}


def test_only_cells_for_a_person_can_be_marked(sqlite_work):
    with pytest.raises(InvalidError, match="cell"):
        sqlite_work.mark(sqlite_work.hand_in("kim"), form("test-1", "1"))


def test_a_student_can_mark_nothing(sqlite_work):
    attempt = sqlite_work.hand_in("kim")
    student = Actor("kim", sqlite_work.campus.person("kim"))
    with sqlite_work.campus.database.writing() as session, pytest.raises(ForbiddenError):
        save_marks(session, student, session.get_one(Attempt, attempt), [form(ESSAY, "4")], sqlite_work.campus.now)


def test_rubric_lines_add_up_with_free_points_and_stay_as_they_read(sqlite_work):
    attempt = sqlite_work.hand_in("kim")
    with sqlite_work.campus.database.writing() as session:
        assignment = session.scalars(sa.select(Assignment)).one()
        ids = [
            add_rubric_item(
                session, sqlite_work.readers[0], assignment, RubricLine(KEY, *line), sqlite_work.campus.now
            ).id
            for line in (("근거가 있다", "2,5"), ("단위가 없다", "-1"))
        ]
    sqlite_work.mark(attempt, form(ESSAY, "0.5", rubric=tuple(ids)))
    with sqlite_work.campus.database.writing() as session:
        archive_rubric_item(
            session,
            sqlite_work.readers[0],
            session.scalars(sa.select(Assignment)).one(),
            ids[1],
            sqlite_work.campus.now,
        )
    with sqlite_work.campus.database.reading() as session:
        [essay, _] = grading_view(session, 0, session.get_one(Attempt, attempt)).cells
        assert session.scalar(sa.select(sa.func.count(RubricItem.id))) == 2
    assert essay.own.points == 2.0
    assert [item["label"] for item in essay.own.rubric] == ["근거가 있다", "단위가 없다"]
    assert [item.label for item in essay.rubric] == ["근거가 있다"]
    assert essay.own.free == 0.5


def test_two_readers_do_not_see_each_other_until_both_have_marked(work):
    work.set_up(second=True)
    attempt = work.hand_in("kim")
    work.mark(attempt, form(ESSAY, "4", comment="첫째"), form(CODE, "6"))
    assert _essay(work, attempt, by=1).others == ()
    assert _essay(work, attempt, by=1).own is None
    work.mark(attempt, form(ESSAY, "2"), form(CODE, "6"), by=1)
    assert [each.points for each in _essay(work, attempt, by=1).others] == [4.0]
    assert work.grade(attempt).needs_manual


def test_two_readers_who_agree_need_no_third_word_and_who_differ_settle_it(work):
    work.set_up(second=True)
    attempt = work.hand_in("kim")
    work.mark(attempt, form(ESSAY, "4"), form(CODE, "6"))
    work.mark(attempt, form(ESSAY, "2"), form(CODE, "6"), by=1)
    assert _essay(work, attempt, by=0).differ
    work.mark(attempt, form(ESSAY, "3", agreed=True), by=1)
    grade = work.grade(attempt)
    assert (grade.manual_points, grade.needs_manual) == (9.0, False)
    parts = {mark.part for mark in _marks(work)}
    assert parts == {MarkPart.FIRST, MarkPart.SECOND, MarkPart.AGREED}


def test_a_second_reader_can_t_be_switched_off_after_the_fact(sqlite_work):
    sqlite_work.set_up(second=True)
    attempt = sqlite_work.hand_in("kim")
    sqlite_work.mark(attempt, form(ESSAY, "4"))
    sqlite_work.mark(attempt, form(ESSAY, "2"), by=1)
    with pytest.raises(ConflictError, match="second_marks"):
        sqlite_work.set_up(second=False)


def test_switching_to_two_readers_makes_what_one_graded_wait_again(sqlite_work):
    attempt = sqlite_work.hand_in("kim")
    sqlite_work.mark(attempt, form(ESSAY, "4"), form(CODE, "6"))
    sqlite_work.set_up(second=True)
    assert sqlite_work.grade(attempt).needs_manual


def test_the_next_one_is_who_still_needs_this_reader_and_the_list_starts_over(work):
    receipts = {name: _receipt(work, work.hand_in(name)) for name in ("kim", "lee", "choi")}
    first = work.campus.get(Attempt, receipt_id=receipts["kim"]).id
    last = work.campus.get(Attempt, receipt_id=receipts["choi"]).id
    assert _next(work) == receipts["kim"]
    assert _next(work, after=first) == receipts["lee"]
    assert _next(work, after=last) == receipts["kim"]
    work.mark(first, form(ESSAY, "4"), form(CODE, "6"))
    assert _next(work, after=last) == receipts["lee"]


def test_what_a_second_reader_has_marked_is_not_offered_again(work):
    work.set_up(second=True)
    attempt = work.hand_in("kim")
    work.mark(attempt, form(ESSAY, "4"), form(CODE, "6"))
    assert _next(work, by=0) is None
    assert _next(work, by=1) == _receipt(work, attempt)


def test_the_next_one_is_found_by_its_index(sqlite_work):
    sqlite_work.hand_in("kim")
    engine, asked = sqlite_work.campus.database.engine, []
    sa.event.listen(engine, "before_cursor_execute", lambda *facts: asked.append((facts[2], facts[3])))
    _next(sqlite_work)
    statement, parameters = next(each for each in asked if "FROM grade JOIN attempt" in each[0])
    with engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
    assert "ix_grade_manual" in plan


def test_names_are_hidden_where_grading_is_anonymous(sqlite_work):
    sqlite_work.set_up(anonymous=True)
    attempt = sqlite_work.hand_in("kim")
    with sqlite_work.campus.database.reading() as session:
        assignment, reader = session.scalars(sa.select(Assignment)).one(), sqlite_work.readers[0].person_id
        assert grading_view(session, reader, session.get_one(Attempt, attempt)).name is None
        assert [row.name for row in list_submissions(session, reader, assignment, 1).rows] == [None]


def test_it_is_known_who_graded_how_many_and_how_many_are_left(sqlite_work):
    first, _second = sqlite_work.hand_in("kim"), sqlite_work.hand_in("lee")
    sqlite_work.mark(first, form(ESSAY, "4"), form(CODE, "6"))
    with sqlite_work.campus.database.reading() as session:
        assignment, reader = session.scalars(sa.select(Assignment)).one(), sqlite_work.readers[0].person_id
        left = left_to_grade(session, reader, assignment)
        rows = list_submissions(session, reader, assignment, 1).rows
    assert (left.total, left.done, left.readers) == (2, 1, [("Park", 1)])
    assert [(row.name, row.points, row.readers) for row in rows] == [("Lee", None, ""), ("Kim", 10.0, "Park")]


def test_the_student_reads_points_and_words_but_nothing_unsettled(sqlite_work):
    sqlite_work.set_up(second=True)
    attempt = sqlite_work.hand_in("kim")
    sqlite_work.mark(attempt, form(ESSAY, "4", comment="좋습니다"), form(CODE, "6"))
    sqlite_work.mark(attempt, form(ESSAY, "2"), form(CODE, "6", comment="깔끔합니다"), by=1)
    with sqlite_work.campus.database.reading() as session:
        marks = feedback_marks(session, session.get_one(Attempt, attempt))
    assert (marks[KEY].points, marks[KEY].comment) == (None, "좋습니다")
    assert (marks["a.ipynb", CODE].points, marks["a.ipynb", CODE].comment) == (6.0, "깔끔합니다")


def _essay(work, attempt, by):
    with work.campus.database.reading() as session:
        return grading_view(session, work.readers[by].person_id, session.get_one(Attempt, attempt)).cells[0]


def _marks(work):
    with work.campus.database.reading() as session:
        return session.scalars(sa.select(ManualMark)).all()


def _receipt(work, attempt):
    return work.campus.get(Attempt, id=attempt).receipt_id


def _next(work, *, after=0, by=0):
    with work.campus.database.reading() as session:
        assignment = session.scalars(sa.select(Assignment)).one()
        return next_ungraded(session, work.readers[by].person_id, assignment, after)
