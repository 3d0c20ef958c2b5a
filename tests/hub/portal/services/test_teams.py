"""Work done in teams: one attempt, everybody's receipt and grade, membership as it was when it was handed in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from hub.portal.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, TooManyError
from hub.portal.models import (
    Assignment,
    Attempt,
    AttemptMember,
    AuditEvent,
    Enrolment,
    EnrolmentState,
    Grade,
    GradeRequestRow,
    GradingTask,
    Role,
    TeamAttempt,
)
from hub.portal.services import queue
from hub.portal.services.access import get_attempt
from hub.portal.services.adjustments import Adjustment, adjust_member
from hub.portal.services.attempts import own_attempts, view_attempt
from hub.portal.services.audit import Actor
from hub.portal.services.collection import collect_attempts
from hub.portal.services.course_overview import progress_of_course
from hub.portal.services.coursework import list_coursework
from hub.portal.services.extensions import MoreTime, Recipient, end_extension, grant_extension
from hub.portal.services.programme_overview import trainees_of
from hub.portal.services.queue import OLDER_LIVE
from hub.portal.services.releases import Fetch, fetch_release
from hub.portal.services.report_overview import report_overview
from hub.portal.services.student_overview import student_overview
from hub.portal.services.teams import (
    add_member,
    dissolve_team,
    form_team,
    list_teams,
    remove_member,
    set_team_work,
    teammates_of,
    trainees_without_team,
)

DAY = timedelta(days=1)


class TeamRoom:
    """A campus whose assignment is done in teams, with a teacher."""

    def __init__(self, campus) -> None:
        self.campus = campus
        self.teacher = campus.person("park", Role.INSTRUCTOR)
        self.actor = Actor("park", self.teacher)
        with campus.database.writing() as session:
            set_team_work(session, self.actor, self.assignment(session), True, campus.now)

    def assignment(self, session) -> Assignment:
        return session.scalars(sa.select(Assignment)).one()

    def form(self, name: str, *people: int) -> int:
        with self.campus.database.writing() as session:
            return form_team(session, self.actor, self.assignment(session), name, people, self.campus.now).id

    def add(self, team: int, person: int) -> None:
        with self.campus.database.writing() as session:
            add_member(session, self.actor, team, person, self.campus.now)

    def remove(self, team: int, person: int) -> None:
        with self.campus.database.writing() as session:
            remove_member(session, self.actor, team, person, self.campus.now)

    def adjust(self, team: int, person: int, points: float, reason: str = "발표를 맡음") -> None:
        with self.campus.database.writing() as session:
            adjust_member(session, self.actor, team, person, Adjustment(points, reason), self.campus.now)

    def extend(self, whom: Recipient, more: MoreTime) -> int:
        with self.campus.database.writing() as session:
            at = self.campus.now
            return grant_extension(session, self.actor, self.assignment(session), whom, more, at).id

    def scores(self) -> dict[int, float]:
        with self.campus.database.reading() as session:
            return {row[0]: row[1] for row in session.execute(sa.select(Grade.person_id, Grade.score))}


@pytest.fixture
def room(campus) -> TeamRoom:
    return TeamRoom(campus)


@pytest.fixture
def people(campus) -> tuple[int, int, int]:
    return campus.person("kim"), campus.person("lee"), campus.person("choi")


def test_one_members_submission_is_everybodys_receipt_and_grade(campus, room, people) -> None:
    kim, lee, choi = people
    room.form("1조", kim, lee)
    receipt = campus.submit(kim).attempt.receipt_id
    campus.grade(score=8.0)
    assert room.scores() == {kim: 8.0, lee: 8.0}
    with campus.database.reading() as session:
        assignment_id = room.assignment(session).id
        [view] = own_attempts(session, lee, assignment_id, campus.now)
        assert (view.receipt_id, view.person_id, view.score, view.counts) == (receipt, lee, 8.0, True)
        assert view.team is not None
        assert view.team.words.ko == "1조 팀의 Kim 님이 제출했습니다."
        assert [member.name for member in view.team.members] == ["Kim", "Lee"]
        assert own_attempts(session, choi, assignment_id, campus.now) == []


def test_nobody_else_sees_a_teams_receipt(campus, room, people) -> None:
    kim, lee, choi = people
    room.form("1조", kim, lee)
    room.form("2조", choi)
    receipt = campus.submit(kim).attempt.receipt_id
    with campus.database.reading() as session:
        assert get_attempt(session, lee, receipt).person_id == kim
        with pytest.raises(NotFoundError):
            get_attempt(session, choi, receipt)


def test_members_at_the_time_of_submission_keep_it_and_later_ones_do_not_get_it(campus, room, people) -> None:
    kim, lee, choi = people
    team = room.form("1조", kim, lee)
    campus.submit(kim, "first")
    room.remove(team, lee)
    room.add(team, choi)
    campus.submit(kim, "second")
    campus.grade(score=9.0)
    campus.grade(score=4.0)
    assert room.scores() == {kim: 9.0, choi: 9.0, lee: 4.0}


def test_who_belonged_to_an_attempt_never_changes(campus, room, people) -> None:
    room.form("1조", *people[:2])
    campus.submit(people[0])
    for statement in (sa.update(AttemptMember).values(person_id=people[2]), sa.update(TeamAttempt).values(number=9)):
        with pytest.raises(DBAPIError, match="never change"), campus.database.writing() as session:
            session.execute(statement)


def test_the_team_has_one_seed_whoever_fetches_or_submits(campus, room, people) -> None:
    kim, lee, choi = people
    room.form("1조", kim, lee)
    room.form("2조", choi)
    files = {}
    with campus.database.writing() as session:
        for person in people:
            fetch = Fetch(person, campus.course, campus.assignment, campus.now)
            files[person] = fetch_release(session, fetch, campus.terms.keys).files.files["learner.json"]
    assert files[kim] == files[lee] != files[choi]
    requests = {}
    for person in people:
        task = campus.get(GradingTask, attempt_id=campus.submit(person, "same").attempt.id)
        requests[person] = campus.get(GradeRequestRow, digest=task.request_digest).request["seed"]
    assert requests[kim] == requests[lee] != requests[choi]
    assert f'"seed":{requests[kim]}'.encode() in files[kim].replace(b" ", b"")


def test_without_a_team_there_is_nothing_to_fetch_or_submit(campus, room, people) -> None:
    with pytest.raises(ConflictError, match="no_team"):
        campus.submit(people[0])
    fetch = Fetch(people[0], campus.course, campus.assignment, campus.now)
    with pytest.raises(ConflictError, match="no_team"), campus.database.writing() as session:
        fetch_release(session, fetch, campus.terms.keys)
    assert campus.count(Attempt) == 0


def test_numbers_count_up_for_the_team_and_for_everybody_who_changed_teams(campus, room, people) -> None:
    kim, lee, choi = people
    first, second = room.form("1조", kim, lee), room.form("2조", choi)
    assert [campus.submit(person, str(person)).attempt.number for person in (kim, lee, kim)] == [1, 2, 3]
    room.remove(first, kim)
    room.add(second, kim)
    assert campus.submit(choi).attempt.number == 4
    with campus.database.reading() as session:
        rows = session.scalars(sa.select(TeamAttempt).order_by(TeamAttempt.attempt_id))
        assert [(row.team_id, row.number) for row in rows] == [(first, 1), (first, 2), (first, 3), (second, 1)]


def test_attempts_a_day_are_the_teams(campus, room, people) -> None:
    kim, lee, choi = people
    room.form("1조", kim, lee)
    room.form("2조", choi)
    with campus.database.writing() as session:
        session.execute(sa.update(Assignment).values(attempts_per_day=1))
    campus.submit(kim)
    with pytest.raises(TooManyError, match="attempts_per_day"):
        campus.submit(lee, "mine")
    campus.submit(choi)


def test_the_same_key_gives_the_same_receipt_also_after_the_team_changed(campus, room, people) -> None:
    kim, lee, _ = people
    team = room.form("1조", kim, lee)
    first = campus.submit(kim, idempotency_key="k")
    room.remove(team, kim)
    again = campus.submit(kim, idempotency_key="k")
    assert (again.is_new, again.attempt.id) == (False, first.attempt.id)


def test_a_newer_attempt_of_the_team_lowers_the_older_one_of_another_member(campus, room, people) -> None:
    kim, lee, _ = people
    room.form("1조", kim, lee)
    older = campus.submit(kim, "1").attempt.id
    campus.submit(lee, "2")
    assert campus.get(GradingTask, attempt_id=older).priority == OLDER_LIVE


def test_an_older_attempt_of_the_team_that_a_worker_lost_comes_back_behind_the_newer_one(campus, room, people) -> None:
    kim, lee, _ = people
    room.form("1조", kim, lee)
    older = campus.submit(kim, "1").attempt.id
    with campus.database.writing() as session:
        assert queue.claim(session, "lost", campus.now) is not None
    campus.submit(lee, "2")
    with campus.database.writing() as session:
        assert queue.sweep(session, campus.now + DAY) == 1
    assert campus.get(GradingTask, attempt_id=older).priority == OLDER_LIVE


def test_who_has_withdrawn_gets_no_share_of_later_work(campus, room, people) -> None:
    kim, lee, _ = people
    room.form("1조", kim, lee)
    with campus.database.writing() as session:
        gone = sa.update(Enrolment).where(Enrolment.person_id == lee)
        session.execute(gone.values(state=EnrolmentState.WITHDRAWN))
    campus.submit(kim)
    assert campus.count(AttemptMember) == campus.count(AttemptMember, person_id=kim) == 1


def test_an_adjustment_changes_one_members_grade_with_a_reason_and_can_be_ended(campus, room, people) -> None:
    kim, lee, _ = people
    team = room.form("1조", kim, lee)
    campus.submit(kim)
    campus.grade(score=8.0)
    room.adjust(team, lee, -3)
    assert room.scores() == {kim: 8.0, lee: 5.0}
    room.adjust(team, lee, 9)
    assert room.scores()[lee] == 10.0
    room.adjust(team, lee, 0, "조정 취소")
    assert room.scores()[lee] == 8.0
    event = campus.get(AuditEvent, action="grade.adjusted", reason="조정 취소")
    assert (event.actor_person_id, event.subject_person_id) == (room.teacher, lee)


@pytest.mark.parametrize(("points", "reason"), [(float("nan"), "x"), (1e9, "x"), (1, " "), (1, "x" * 501)])
def test_an_adjustment_needs_a_number_and_a_reason(campus, room, people, points: float, reason: str) -> None:
    team = room.form("1조", people[0])
    campus.submit(people[0])
    with pytest.raises(InvalidError):
        room.adjust(team, people[0], points, reason)


def test_somebody_without_a_share_cannot_be_adjusted(campus, room, people) -> None:
    team = room.form("1조", people[0])
    campus.submit(people[0])
    with pytest.raises(NotFoundError):
        room.adjust(team, people[1], 1)


def test_a_teams_extension_is_every_members_and_a_persons_is_only_theirs(campus, room, people) -> None:
    kim, lee, _ = people
    team = room.form("1조", kim, lee)
    late = campus.now + 10 * DAY
    with campus.database.reading() as session:
        due = list_coursework(session, kim, room.assignment(session).course, campus.now)[0].deadline.due_at
    assert due is not None
    at = due + DAY
    campus.submit(kim, received_at=at)
    campus.grade(score=10.0, at=at)
    assert room.scores() == {kim: 9.0, lee: 9.0}
    alone = room.extend(Recipient(person_id=lee), MoreTime(late, None, "병가"))
    assert room.scores() == {kim: 9.0, lee: 10.0}
    room.extend(Recipient(team_id=team), MoreTime(late, None, "현장 실습"))
    assert room.scores() == {kim: 10.0, lee: 10.0}
    with campus.database.writing() as session:
        end_extension(session, room.actor, alone, campus.now)
        assert list_coursework(session, lee, room.assignment(session).course, campus.now)[0].deadline.due_at == late
    assert room.scores() == {kim: 10.0, lee: 10.0}


def test_pages_count_and_show_the_work_of_all_members(campus, room, people) -> None:
    kim, lee, _ = people
    room.form("1조", kim, lee)
    campus.submit(kim)
    campus.grade(score=7.0)
    with campus.database.reading() as session:
        course_id = room.assignment(session).course_id
        [progress] = progress_of_course(session, room.teacher, course_id)
        assert (progress.submitted, progress.graded) == (2, 2)
        overview = student_overview(session, lee, campus.now)
        assert overview.last_attempt is not None
        assert overview.last_attempt.team is not None
        cohort = session.scalars(sa.select(Enrolment.cohort_id).where(Enrolment.person_id == kim)).one()
        assert {each.person_id: each.attempts for each in trainees_of(session, cohort)}[lee] == 1


def test_collecting_brings_a_teams_attempt_for_each_member(campus, room, people) -> None:
    kim, lee, choi = people
    room.form("1조", kim, lee)
    room.form("2조", choi)
    campus.submit(kim, "1")
    campus.submit(lee, "2")
    campus.submit(choi, "3")

    def collect(newest_only: bool) -> list[tuple[str, int]]:
        with campus.database.writing() as session:
            assignment = room.assignment(session)
            found = collect_attempts(session, room.actor, assignment, campus.now, newest_only=newest_only)
            return [(name, view.number) for name, view in found]

    assert collect(newest_only=True) == [("choi", 1), ("kim", 2), ("lee", 2)]
    assert collect(newest_only=False) == [("choi", 1), ("kim", 1), ("kim", 2), ("lee", 1), ("lee", 2)]


def test_staff_see_the_submitters_side_and_the_score_at_once(campus, room, people) -> None:
    room.form("1조", *people[:2])
    attempt = campus.submit(people[0]).attempt
    with campus.database.reading() as session:
        view = view_attempt(session, session.get_one(Attempt, attempt.id), room.teacher, campus.now)
        assert view.person_id == people[0]


def test_everybody_is_in_one_team_at_most(campus, room, people) -> None:
    room.form("1조", people[0])
    with pytest.raises(ConflictError, match="in_another_team"):
        room.form("2조", people[0])
    with campus.database.reading() as session:
        free = [each.person_id for each in trainees_without_team(session, room.teacher, room.assignment(session))]
        assert set(free) == set(people[1:])


def test_a_dissolved_team_frees_its_members_and_keeps_its_grades(campus, room, people) -> None:
    team = room.form("1조", *people[:2])
    campus.submit(people[0])
    campus.grade(score=6.0)
    with campus.database.writing() as session:
        dissolve_team(session, room.actor, team, campus.now)
        assert list_teams(session, room.teacher, room.assignment(session)) == []
    assert room.scores() == {people[0]: 6.0, people[1]: 6.0}
    room.form("2조", people[0])
    with pytest.raises(ConflictError, match="team_dissolved"):
        room.add(team, people[2])


def test_every_step_leaves_an_audit_row(campus, room, people) -> None:
    team = room.form("1조", people[0])
    room.add(team, people[1])
    room.remove(team, people[1])
    with campus.database.reading() as session:
        query = sa.select(AuditEvent.action, AuditEvent.subject_person_id).where(AuditEvent.subject_type == "team")
        assert [tuple(row) for row in session.execute(query.order_by(AuditEvent.id))] == [
            ("team.formed", None),
            ("team.member_joined", people[0]),
            ("team.member_joined", people[1]),
            ("team.member_left", people[1]),
        ]


def test_strangers_other_universities_and_students_cannot_form_teams(campus, room, people) -> None:
    stranger = campus.person("song", university="inje")
    everywhere = Actor("boss", campus.person("boss", Role.INSTRUCTOR, None))
    with pytest.raises(InvalidError, match="two_universities"), campus.database.writing() as session:
        form_team(session, everywhere, room.assignment(session), "1조", [people[0], stranger], campus.now)
    narrow = Actor("noh", campus.person("noh", Role.INSTRUCTOR, "inje"))
    student = Actor("kim", people[0])
    team = room.form("1조", people[0])
    with campus.database.writing() as session:
        assignment = room.assignment(session)
        with pytest.raises(NotFoundError):
            form_team(session, narrow, assignment, "2조", [people[1]], campus.now)
        with pytest.raises(NotFoundError):
            add_member(session, narrow, team, stranger, campus.now)
        with pytest.raises(ForbiddenError):
            form_team(session, student, assignment, "2조", [people[1]], campus.now)
        with pytest.raises(NotFoundError):
            add_member(session, student, team, people[1], campus.now)
        assert list_teams(session, narrow.person_id or 0, assignment) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\nb\x00"])
def test_a_name_that_cannot_be_read_is_refused(campus, room, people, name: str) -> None:
    with pytest.raises(InvalidError, match="team_name"):
        room.form(name, people[0])


def test_two_teams_cannot_have_one_name(campus, room, people) -> None:
    room.form("1조", people[0])
    with pytest.raises(ConflictError, match="team_name_taken"):
        room.form(" 1조 ", people[1])


def test_team_work_cannot_be_switched_once_something_was_handed_in(campus, room, people) -> None:
    room.form("1조", people[0])
    campus.submit(people[0])
    with pytest.raises(ConflictError, match="already_handed_in"), campus.database.writing() as session:
        set_team_work(session, room.actor, room.assignment(session), False, campus.now)


def test_teammates_are_those_one_is_or_was_in_a_team_with(campus, room, people) -> None:
    kim, lee, choi = people
    team = room.form("1조", kim, lee)
    room.form("2조", choi)
    room.remove(team, lee)
    with campus.database.reading() as session:
        assert teammates_of(session, lee) == {kim, lee}
        assert teammates_of(session, choi) == {choi}


def test_members_who_submit_the_same_at_the_same_moment_never_wait_in_a_circle(campus, room, people) -> None:
    kim, lee, _ = people
    room.form("1조", kim, lee)
    campus.submit(kim, "same")
    campus.grade(score=5.0)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: campus.submit((kim, lee)[number % 2], "same"), range(12)))
    with campus.database.reading() as session:
        assert sorted(session.scalars(sa.select(TeamAttempt.number))) == list(range(1, 14))
    assert room.scores() == {kim: 5.0, lee: 5.0}


def test_hidden_results_wait_for_the_member_who_has_the_most_time(campus, room, people) -> None:
    kim, lee, _ = people
    room.form("1조", kim, lee)
    attempt_id = campus.submit(kim).attempt.id
    campus.grade(score=5.0)
    room.extend(Recipient(person_id=lee), MoreTime(campus.now + 20 * DAY, None, "병가"))

    def is_open(at) -> bool:
        with campus.database.reading() as session:
            attempt = session.get_one(Attempt, attempt_id)
            overview = report_overview(session, attempt, at, is_staff=False)
            assert overview is not None
            return overview.shows_hidden

    assert not is_open(campus.now + 19 * DAY)
    assert is_open(campus.now + 21 * DAY)
