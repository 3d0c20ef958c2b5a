"""Whatever happens to a team's work in whatever order: it is its members' of then, and all of them are graded."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from hub.portal.models import (
    Assignment,
    Attempt,
    AttemptMember,
    Course,
    GradingTask,
    Role,
    TaskKind,
    TaskState,
    TeamAttempt,
    TeamMember,
    University,
)
from hub.portal.models import Team as TeamRow
from hub.portal.services import queue
from hub.portal.services.audit import Actor
from hub.portal.services.demo import ensure_programme
from hub.portal.services.extensions import MoreTime, Recipient, grant_extension
from hub.portal.services.teams import add_member, form_team, remove_member, set_team_work
from tests.hub.portal.services.test_queue_interleavings import QueueMachine, empty_the_queue, run_machine

CAPSTONE = "capstone"


class TeamMachine(QueueMachine):
    """What may happen to single people's work, and beside it two teams whose members come, go and hand in."""

    def __init__(self) -> None:
        super().__init__()
        self.teams = self.campus.form_teams()
        self.members = [set(self.campus.crowd[:2]), {self.campus.crowd[2]}]
        self.owners: dict[str, set[int]] = {}

    @rule(who=st.integers(0, 3), text=st.sampled_from(["a", "b"]), key=st.integers(0, 5))
    def a_member_hands_in_for_the_team(self, who: int, text: str, key: int) -> None:
        person = self.campus.crowd[who]
        team = next((members for members in self.members if person in members), None)
        if team is None:
            return
        self.clock += timedelta(seconds=30)
        key_of_text = f"team-{text}-{key}"
        made = self.campus.submit(person, text, received_at=self.clock, idempotency_key=key_of_text, course=CAPSTONE)
        self.accepted.add(made.attempt.receipt_id)
        self.owners.setdefault(made.attempt.receipt_id, set(team))

    @rule(key=st.integers(0, 5))
    def every_member_of_the_first_team_hands_in(self, key: int) -> None:
        for person in sorted(self.members[0]):
            self.a_member_hands_in_for_the_team(self.campus.crowd.index(person), f"both {person}", key)

    @rule(which=st.integers(0, 1), who=st.integers(0, 3))
    def somebody_joins(self, which: int, who: int) -> None:
        person = self.campus.crowd[who]
        if any(person in members for members in self.members):
            return
        with self.campus.database.writing() as session:
            add_member(session, self.campus.teacher, self.teams[which], person, self.clock)
        self.members[which].add(person)

    @precondition(lambda self: any(self.members))
    @rule(which=st.integers(0, 1), place=st.integers(0, 3))
    def somebody_leaves(self, which: int, place: int) -> None:
        if not self.members[which]:
            return
        person = sorted(self.members[which])[place % len(self.members[which])]
        with self.campus.database.writing() as session:
            remove_member(session, self.campus.teacher, self.teams[which], person, self.clock)
        self.members[which].discard(person)

    @rule(which=st.integers(0, 1))
    def a_team_gets_more_time(self, which: int) -> None:
        with self.campus.database.writing() as session:
            work = session.get_one(Assignment, self.campus.capstone)
            more = MoreTime(self.campus.now + timedelta(days=30), None, "장비 고장")
            grant_extension(session, self.campus.teacher, work, Recipient(team_id=self.teams[which]), more, self.clock)

    @invariant()
    def an_attempt_belongs_for_good_to_who_belonged_to_the_team(self) -> None:
        with self.campus.database.reading() as session:
            query = sa.select(Attempt.receipt_id, AttemptMember.person_id).join(AttemptMember)
            found: dict[str, set[int]] = {}
            for receipt_id, person_id in session.execute(query):
                found.setdefault(receipt_id, set()).add(person_id)
            assert found == self.owners

    @invariant()
    def a_teams_attempts_are_numbered_without_gaps(self) -> None:
        with self.campus.database.reading() as session:
            numbers: dict[int, list[int]] = {}
            for team, number in session.execute(sa.select(TeamAttempt.team_id, TeamAttempt.number)):
                numbers.setdefault(team, []).append(number)
            assert all(sorted(each) == list(range(1, len(each) + 1)) for each in numbers.values())

    @invariant()
    def of_a_teams_waiting_work_only_the_newest_goes_first(self) -> None:
        with self.campus.database.reading() as session:
            newest = dict(
                session.execute(
                    sa.select(TeamAttempt.team_id, sa.func.max(TeamAttempt.number)).group_by(TeamAttempt.team_id)
                ).all()
            )
            query = (
                sa.select(TeamAttempt.team_id, TeamAttempt.number, GradingTask.priority)
                .join(GradingTask, GradingTask.attempt_id == TeamAttempt.attempt_id)
                .where(GradingTask.kind == TaskKind.LIVE, GradingTask.state == TaskState.QUEUED)
            )
            for team, number, priority in session.execute(query):
                assert number == newest[team] or priority == queue.OLDER_LIVE


def prepare(campus) -> None:
    """Add a course with team work, four people who may do it, and a teacher."""
    campus.students = [campus.person("kim"), campus.person("lee")]
    with campus.database.writing() as session:
        gnu = session.scalars(sa.select(University).where(University.slug == "gnu")).one()
        campus.add_course(session, CAPSTONE, gnu)
        ensure_programme(session, [], campus.now)
    campus.crowd = [campus.person(name) for name in ("choi", "han", "moon", "seo")]
    campus.teacher = Actor("park", campus.person("park", Role.INSTRUCTOR))
    with campus.database.writing() as session:
        work = session.scalars(sa.select(Assignment).join(Course).where(Course.slug == CAPSTONE)).one()
        campus.capstone = work.id
        set_team_work(session, campus.teacher, work, True, campus.now)
    campus.form_teams = lambda: form_teams(campus)
    campus.reset = lambda: empty_the_queue(campus)


def form_teams(campus) -> list[int]:
    """End the teams of the example before, and form two new ones."""
    with campus.database.writing() as session:
        session.execute(sa.update(TeamMember).where(TeamMember.left_at.is_(None)).values(left_at=campus.now))
        work = session.get_one(Assignment, campus.capstone)
        number = session.scalar(sa.select(sa.func.count()).select_from(TeamRow)) or 0
        people = campus.crowd[:2], campus.crowd[2:3]
        formed = [
            form_team(session, campus.teacher, work, f"{number + place}조", members, campus.now)
            for place, members in enumerate(people)
        ]
        return [team.id for team in formed]


@pytest.mark.slow
def test_random_interleavings_with_teams_lose_nothing_and_grade_every_owner(campus) -> None:
    prepare(campus)
    run_machine(type("Machine", (TeamMachine,), {"campus": campus}))
