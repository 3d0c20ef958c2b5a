"""From facts to a decision that a person confirmed: nothing is decided alone, nothing that was decided is rewritten."""

from decimal import Decimal
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from hub.portal.errors import ConflictError, InvalidError, NotFoundError
from hub.portal.models import (
    AuditEvent,
    Cohort,
    CompletionDecision,
    CompletionInput,
    CompletionRule,
    DecisionKind,
    Enrolment,
    EnrolmentEvent,
    EnrolmentState,
    Grade,
    Role,
)
from hub.portal.services.audit import Actor
from hub.portal.services.programme import completion as service
from hub.portal.services.programme.completion import Verdict
from hub.portal.services.programme.completion_facts import mean_score
from hub.portal.services.programme.completion_rules import (
    AllOf,
    CompletionRules,
    Facts,
    ScoreAtLeast,
    SubmittedAtLeast,
    SurveyAnswered,
)

RULES = CompletionRules(condition=AllOf(of=(ScoreAtLeast(), SurveyAnswered())))
DONE, NOT_DONE = EnrolmentState.COMPLETED, EnrolmentState.NOT_COMPLETED


class Room:
    """A coordinator, the cohort gnu-1 and its student ``kim``."""

    def __init__(self, campus):
        self.campus, self.now = campus, campus.now
        self.actor = Actor("coordinator", campus.person("coordinator", Role.COORDINATOR, None))
        self.kim = campus.person("kim")

    def cohort(self, session):
        return session.scalars(sa.select(Cohort).where(Cohort.slug == "gnu-1")).one()

    def enrolment(self, session) -> Enrolment:
        return session.scalars(sa.select(Enrolment).where(Enrolment.person_id == self.kim)).one()

    def score(self, points: float) -> None:
        """Hand in as kim and give that many of ten points."""
        self.campus.submit(self.kim)
        self.campus.grade(points)

    def enter(self, **facts) -> None:
        with self.campus.database.writing() as session:
            service.enter_facts(session, self.actor, self.enrolment(session), Facts(**facts), self.now)

    def set_rules(self, rules=RULES) -> int:
        with self.campus.database.writing() as session:
            row = service.save_rules(session, self.actor, self.cohort(session), rules, "", self.now)
            service.activate_rules(session, self.actor, row, self.now)
            return row.number

    def look(self, rules=RULES):
        with self.campus.database.reading() as session:
            proposals = service.preview(session, self.cohort(session), rules)
            return service.digest_of(proposals), {p.trainee.person.id: p.outcome for p in proposals}

    def confirm(self, seen: str | None = None, enrolment: int | None = None):
        expected = seen or self.look()[0]
        with self.campus.database.writing() as session:
            number = enrolment or self.enrolment(session).id
            service.confirm(session, self.actor, self.cohort(session), [number], expected, self.now)

    def decide(self, kind: DecisionKind, outcome: EnrolmentState, reason: str) -> None:
        with self.campus.database.writing() as session:
            verdict = Verdict(kind, outcome, reason)
            service.decide_anew(session, self.actor, self.enrolment(session), verdict, self.now)

    def state(self) -> EnrolmentState:
        with self.campus.database.reading() as session:
            return self.enrolment(session).state


@pytest.fixture
def room(sqlite_campus):
    return Room(sqlite_campus)


def ready(room: Room, points: float = 8) -> Room:
    room.set_rules()
    room.score(points)
    room.enter(has_survey=True)
    return room


@pytest.mark.parametrize(
    ("points", "survey", "outcome"),
    [(8, True, DONE), (6, True, DONE), (5.9, True, NOT_DONE), (8, None, None), (None, None, NOT_DONE)],
)
def test_the_platform_proposes_from_what_it_knows_and_what_was_entered(room, points, survey, outcome):
    if points is not None:
        room.score(points)
    room.enter(has_survey=survey)
    assert room.look()[1][room.kim] is outcome


def test_a_coordinator_confirms_and_everything_of_that_moment_is_kept(campus):
    room = ready(Room(campus))
    room.confirm()
    assert room.state() is DONE
    with campus.database.reading() as session:
        decision = session.scalars(sa.select(CompletionDecision)).one()
        assert (decision.kind, decision.outcome, decision.proposed) == (DecisionKind.CONFIRMED, DONE, DONE)
        assert (decision.rule.number, decision.facts["score"], decision.facts["has_survey"]) == (1, "80.00", True)
        assert decision.finding["parts"][0]["text"]["ko"].startswith("평가 점수 80.0 %")
        newest = session.scalars(sa.select(EnrolmentEvent).order_by(EnrolmentEvent.id.desc())).first()
        assert (newest.to_state, newest.by_person_id) == (DONE, room.actor.person_id)
        deeds = session.scalars(sa.select(AuditEvent.action)).all()
        assert {"rules.saved", "rules.activated", "completion.facts_entered", "completion.decided"} <= set(deeds)


@pytest.mark.parametrize("table", [CompletionDecision, CompletionInput])
def test_the_database_itself_refuses_to_rewrite_what_was_entered_and_decided(campus, table):
    room = ready(Room(campus))
    room.confirm()
    with pytest.raises(DBAPIError, match="never change"), campus.database.writing() as session:
        session.execute(sa.update(table).values(facts={}))


def test_rules_that_change_later_change_no_decision(room):
    ready(room).confirm()
    assert room.set_rules(CompletionRules(condition=ScoreAtLeast(minimum=Decimal(100)))) == 2
    assert room.state() is DONE
    with room.campus.database.reading() as session:
        assert session.scalars(sa.select(CompletionDecision)).one().rule.number == 1


def test_rules_that_are_only_saved_decide_nothing(room):
    with room.campus.database.writing() as session:
        service.save_rules(session, room.actor, room.cohort(session), RULES, "draft", room.now)
    with pytest.raises(InvalidError) as refused:
        room.confirm()
    assert refused.value.code == "no_rules"


def test_nobody_is_decided_while_a_fact_is_missing(room):
    room.set_rules()
    room.score(8)
    with pytest.raises(InvalidError) as refused:
        room.confirm()
    assert refused.value.code == "not_decidable"
    assert room.state() is EnrolmentState.IN_PROGRESS


def test_nobody_is_decided_twice_by_confirming(room):
    ready(room).confirm()
    with pytest.raises(InvalidError):
        room.confirm()


def test_what_changed_since_it_was_looked_at_is_not_confirmed(room):
    seen = ready(room).look()[0]
    room.enter(has_survey=False)
    with pytest.raises(ConflictError):
        room.confirm(seen)
    assert room.state() is EnrolmentState.IN_PROGRESS


def test_a_trainee_of_another_cohort_is_not_there(room):
    other = room.campus.person("lee", university="inje")
    with room.campus.database.reading() as session:
        foreign = session.scalars(sa.select(Enrolment.id).where(Enrolment.person_id == other)).one()
    ready(room)
    with pytest.raises(NotFoundError):
        room.confirm(enrolment=foreign)


def test_an_appeal_and_a_revocation_are_new_rows_with_reasons(room):
    ready(room, points=2).confirm()
    assert room.state() is NOT_DONE
    room.decide(DecisionKind.APPEAL, DONE, "공결 인정")
    room.decide(DecisionKind.REVOKED, NOT_DONE, "대리 출석 확인")
    assert room.state() is NOT_DONE
    with room.campus.database.reading() as session:
        rows = session.scalars(sa.select(CompletionDecision).order_by(CompletionDecision.id)).all()
        assert [(row.kind.value, row.outcome, row.proposed) for row in rows] == [
            ("confirmed", NOT_DONE, NOT_DONE),
            ("appeal", DONE, NOT_DONE),
            ("revoked", NOT_DONE, NOT_DONE),
        ]


@pytest.mark.parametrize(
    ("kind", "outcome", "reason"),
    [
        (DecisionKind.APPEAL, DONE, "  "),
        (DecisionKind.APPEAL, DONE, "x" * 2001),
        (DecisionKind.APPEAL, EnrolmentState.APPLIED, "r"),
        (DecisionKind.APPEAL, DONE, "nobody has decided yet"),
        (DecisionKind.REVOKED, NOT_DONE, "nothing to take back"),
        (DecisionKind.CONFIRMED, DONE, " "),
    ],
)
def test_a_decision_against_the_rules_needs_its_reason_and_its_form(room, kind, outcome, reason):
    ready(room)
    with pytest.raises(InvalidError):
        room.decide(kind, outcome, reason)


def test_who_takes_part_is_decided_by_hand_with_a_reason_while_a_fact_is_missing(room):
    room.set_rules()
    room.score(8)
    room.decide(DecisionKind.CONFIRMED, DONE, "조사 오류")
    with room.campus.database.reading() as session:
        [row] = session.scalars(sa.select(CompletionDecision)).all()
        assert (row.outcome, row.proposed, row.reason) == (DONE, None, "조사 오류")


def test_nobody_is_decided_by_hand_twice(room):
    ready(room).confirm()
    with pytest.raises(InvalidError):
        room.decide(DecisionKind.CONFIRMED, NOT_DONE, "r")


def test_rules_are_activated_only_as_their_preview_was_looked_at(room):
    with room.campus.database.writing() as session:
        row = service.save_rules(session, room.actor, room.cohort(session), RULES, "", room.now)
    seen = room.look()[0]
    room.score(8)
    with pytest.raises(ConflictError), room.campus.database.writing() as session:
        service.activate_as_seen(session, room.actor, session.get_one(CompletionRule, row.id), seen, room.now)
    with room.campus.database.writing() as session:
        again = session.get_one(CompletionRule, row.id)
        service.activate_as_seen(session, room.actor, again, room.look()[0], room.now)
        assert service.rules_in_force(session, again.cohort_id) is again


def test_one_trainee_reads_as_in_the_cohort(room):
    ready(room)
    with room.campus.database.reading() as session:
        alone = service.propose_one(session, room.enrolment(session), RULES)
        [among_all] = service.preview(session, room.cohort(session), RULES)
    assert (alone.trainee.facts, alone.finding) == (among_all.trainee.facts, among_all.finding)


def test_what_is_entered_anew_replaces_and_keeps_what_was_entered(room):
    room.enter(has_survey=False, has_capstone=True)
    room.enter(has_survey=True)
    with room.campus.database.reading() as session:
        rows = session.scalars(sa.select(CompletionInput).order_by(CompletionInput.id)).all()
        assert [row.facts["has_survey"] for row in rows] == [False, True]
        facts = service.preview(session, room.cohort(session), RULES)[0].trainee.facts
        assert (facts.has_survey, facts.has_capstone) == (True, None)


def test_scores_cannot_be_entered_by_hand(room):
    room.enter(score=Decimal(100), submitted=9, assignments=9, has_survey=True)
    assert room.look(CompletionRules(condition=SubmittedAtLeast()))[1][room.kim] is NOT_DONE


def test_a_part_that_waits_for_a_person_leaves_the_score_open(room):
    room.score(8)
    with room.campus.database.writing() as session:
        grade = session.scalars(sa.select(Grade)).one()
        grade.attempt.version.manual_max_score = 5
    assert room.look(CompletionRules(condition=ScoreAtLeast()))[1][room.kim] is None


HALF, FULL = Fraction(1, 2), Fraction(1)


@pytest.mark.parametrize(
    ("weights", "grades", "mean"),
    [
        ({1: 1, 2: 1}, {1: FULL, 2: HALF}, "75.00"),
        ({1: 1, 2: 1}, {1: FULL}, "50.00"),
        ({1: 3, 2: 1}, {1: FULL, 2: Fraction(0)}, "75.00"),
        ({1: 1}, {1: Fraction("0.79949")}, "79.94"),
        ({1: 1}, {1: Fraction("0.7995")}, "79.95"),
        ({1: 1, 2: 1}, {1: None, 2: FULL}, "None"),
        ({}, {}, "None"),
        ({1: 0}, {1: FULL}, "None"),
        ({1: 1}, {1: FULL, 9: HALF}, "100.00"),  # work of another course
    ],
)
def test_the_mean_weighs_and_counts_what_is_missing_as_nothing(weights, grades, mean):
    assert str(mean_score(weights, grades)) == mean
