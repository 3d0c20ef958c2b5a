"""A generated programme is what the services would have written: plausible, repeatable, nothing later than its day."""

import shutil
from datetime import date
from random import Random

import pytest
import sqlalchemy as sa

from courses.catalog import load_catalog
from graders.contract import GradeReport, GradeRequest
from hub.portal.database import Database
from hub.portal.errors import ConflictError
from hub.portal.models import (
    Attempt,
    AttemptResult,
    AuditEvent,
    Cohort,
    Company,
    CompletionDecision,
    DecisionKind,
    Enrolment,
    EnrolmentEvent,
    EnrolmentParticulars,
    EnrolmentState,
    Grade,
    GradeReportRow,
    GradeRequestRow,
    Person,
    Role,
    utc_now,
)
from hub.portal.services.demo import DemoPerson, ensure_programme
from hub.portal.services.file_sets import load_file_set
from hub.portal.services.organisation import ensure_universities
from hub.portal.services.programme.completion import preview, rules_in_force
from hub.portal.services.programme.completion_facts import facts_of_cohort
from hub.portal.services.programme.completion_rules import CompletionRules, Facts
from hub.portal.services.programme.generated import Wish, generate, refuse_others
from hub.portal.services.programme.generated_people import make_people
from hub.portal.services.programme.generated_plan import Stage, make_cohorts, moment
from hub.portal.services.programme.identifiers import clean_business_number, clean_email, clean_phone
from hub.portal.services.programme.regions import REGIONS
from hub.portal.services.results import refresh_grades

DAY = date(2026, 11, 23)
PARTNERS = load_catalog().universities
FACTS = (Person, Company, Enrolment, EnrolmentEvent, Attempt, AttemptResult, Grade, CompletionDecision)


def make(database, trainees=40, seed=3, today=DAY):
    with database.writing() as session:
        return generate(session, Wish(trainees, seed, today), PARTNERS, lambda _done, _total: None)


@pytest.fixture(scope="module")
def template(sqlite_template, tmp_path_factory):
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("generated") / "template.db")
    database = Database.at(f"sqlite:///{path}")
    make(database)
    database.dispose()
    return path


@pytest.fixture
def generated(template, tmp_path):
    """A database of this test's own with a programme of 40 trainees."""
    database = Database.at(f"sqlite:///{shutil.copy(template, tmp_path / 'generated.db')}")
    yield database
    database.dispose()


def content(database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as session:
        return {
            kind.__tablename__: [
                tuple(row) for row in session.execute(sa.select(kind.__table__).order_by(kind.__table__.c.id))
            ]
            for kind in FACTS
        }


def test_a_seed_gives_the_same_programme_again(generated, sqlite_database):
    make(sqlite_database)
    assert content(sqlite_database) == content(generated)


def test_another_seed_gives_other_people_beside_the_first(generated):
    assert make(generated, trainees=8, seed=4).programme == "g4-programme"
    with generated.reading() as session:
        names = [set(session.scalars(sa.select(Person.name).where(Person.email.startswith(f"g{n}-s")))) for n in (3, 4)]
    assert names[1] - names[0]


def test_rows_that_come_later_get_ids_of_their_own(database):
    make(database, trainees=8)
    with database.writing() as session:
        person = Person(name="김새롬")
        session.add(person)
        session.flush()
        assert person.id == session.scalar(sa.select(sa.func.max(Person.id)))


def test_everybody_who_started_is_counted_and_all_stages_of_a_programme_are_there(sqlite_database):
    make(sqlite_database, trainees=200)
    with sqlite_database.reading() as session:
        counted = sa.select(Enrolment.state, sa.func.count()).group_by(Enrolment.state)
        states = dict(tuple(row) for row in session.execute(counted))
        waiting = (EnrolmentState.APPLIED, EnrolmentState.SELECTED)
        started = sa.select(sa.func.count(sa.distinct(Enrolment.person_id))).where(Enrolment.state.not_in(waiting))
        assert session.scalar(started) == 200
    rare = {EnrolmentState.ADMITTED, EnrolmentState.EXPELLED, EnrolmentState.EARLY_EMPLOYED}
    assert set(states) >= set(EnrolmentState) - rare
    ended = states[EnrolmentState.COMPLETED] + states[EnrolmentState.NOT_COMPLETED]
    assert 0.75 < states[EnrolmentState.COMPLETED] / ended < 0.97


def test_nothing_happens_after_the_day_of_the_figures(generated):
    midnight = moment(DAY, "00:00")
    with generated.reading() as session:
        for column in (Attempt.received_at, AttemptResult.created_at, EnrolmentEvent.at, CompletionDecision.made_at):
            assert session.scalar(sa.select(sa.func.max(column))) < midnight


def test_grades_are_those_that_the_results_service_works_out(generated):
    facts = (Grade.person_id, Grade.assignment_id, Grade.attempt_id, Grade.result_id, Grade.automatic_points)
    facts += (Grade.score, Grade.max_score, Grade.penalty_percent, Grade.needs_manual, Grade.university_id)
    query = sa.select(*facts).order_by(Grade.id)
    with generated.writing() as session:
        before = session.execute(query).all()
        attempts = session.scalars(sa.select(Attempt)).all()
        for assignment in {attempt.assignment_id for attempt in attempts}:
            refresh_grades(session, [each for each in attempts if each.assignment_id == assignment], utc_now())
        session.expire_all()
        assert session.execute(query).all() == before
        assert any(row.penalty_percent for row in before)


def test_decisions_stand_on_the_facts_that_the_platform_finds(generated):
    with generated.reading() as session:
        confirmed = {
            decision.enrolment_id: decision
            for decision in session.scalars(
                sa.select(CompletionDecision).where(CompletionDecision.kind == DecisionKind.CONFIRMED)
            )
        }
        found = {}
        for cohort in session.scalars(sa.select(Cohort)):
            rule = rules_in_force(session, cohort.id)
            assert rule is not None
            for proposal in preview(session, cohort, CompletionRules.model_validate(rule.rules)):
                found[proposal.trainee.enrolment.id] = proposal
    assert confirmed
    for enrolment_id, decision in confirmed.items():
        proposal = found[enrolment_id]
        assert Facts.model_validate(decision.facts) == proposal.trainee.facts
        assert decision.outcome is proposal.outcome is decision.proposed
        assert decision.finding == proposal.finding.model_dump(mode="json")


def test_states_follow_from_the_events(generated):
    with generated.reading() as session:
        events = session.scalars(sa.select(EnrolmentEvent).order_by(EnrolmentEvent.id))
        newest = {event.enrolment_id: event for event in events}
        for enrolment in session.scalars(sa.select(Enrolment)):
            event = newest[enrolment.id]
            assert (enrolment.state, enrolment.state_since) == (event.to_state, event.at)


def test_reports_and_requests_are_ones_that_grading_could_have_made(generated):
    with generated.reading() as session:
        rows = session.execute(
            sa.select(GradeReportRow, GradeRequestRow)
            .join(GradeRequestRow, GradeRequestRow.digest == GradeReportRow.request_digest)
            .limit(20)
        )
        for report, request in rows:
            asked = GradeRequest.model_validate(request.request)
            given = GradeReport.model_validate(report.report)
            assert asked.digest == given.request_digest == request.digest
            assert sum(cell.points or 0 for cell in given.cells) == given.score == report.score
            assert load_file_set(session, asked.submission_digest).digest == asked.submission_digest


def test_nobody_can_be_called_or_written_to_and_numbers_are_valid(generated):
    with generated.reading() as session:
        for person in session.scalars(sa.select(Person).where(Person.phone.is_not(None))):
            assert person.phone.startswith("0100")  # no mobile number begins so
            assert clean_phone(person.phone) == person.phone
            assert clean_email(person.email).endswith(".example")
        companies = session.scalars(sa.select(Company)).all()
        assert all(clean_business_number(company.business_number) for company in companies)
        assert sum(company.is_supported for company in companies) == 30
        regions = session.scalars(sa.select(EnrolmentParticulars.home_region)).all()
        assert set(regions) <= set(REGIONS)


def test_somebody_was_typed_twice():
    people = make_people(Random(1), 200, 40, DAY)
    keys = [(person.name, person.birth_date) for person in people]
    assert len(set(keys)) < len(keys)
    assert len({person.phone for person in people}) == 200


@pytest.mark.parametrize(("trainees", "cohorts"), [(8, 12), (340, 16), (30_000, 144)])
def test_cohorts_of_every_size_have_one_that_has_just_ended(trainees, cohorts):
    found = make_cohorts(trainees, 4, DAY)
    begun = [cohort for cohort in found if cohort.stage is not Stage.COMING]
    assert len(begun) == cohorts
    assert {cohort.stage for cohort in found} == set(Stage)


def test_a_database_with_other_people_is_refused_and_the_demonstration_s_own_are_not(sqlite_database):
    with sqlite_database.writing() as session:
        ensure_universities(session, PARTNERS)
        ensure_programme(session, [DemoPerson("minji.kim", "김민지", Role.STUDENT, "gnu")])
        refuse_others(session, ["minji.kim"])
        with pytest.raises(ConflictError, match="not_empty"):
            refuse_others(session, ["somebody.else"])


def test_a_person_without_a_login_is_another_person(sqlite_database):
    with sqlite_database.writing() as session:
        session.add(Person(name="김실제"))
        session.flush()
        with pytest.raises(ConflictError, match="not_empty"):
            refuse_others(session, ["minji.kim"])


def test_a_seed_is_taken_once(generated):
    with pytest.raises(ConflictError, match="generated_before"):
        make(generated)


def test_the_log_says_that_a_programme_was_generated(generated):
    with generated.reading() as session:
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "programme.generated")).one()
        assert event.detail["seed"] == 3
        assert event.detail["rows"]["attempt"] == session.scalar(sa.select(sa.func.count()).select_from(Attempt))


def test_cohorts_that_have_just_ended_wait_for_their_decisions(generated):
    with generated.reading() as session:
        ended = session.scalars(sa.select(Cohort).where(Cohort.ends_on < DAY)).all()
        open_ones = [
            trainee
            for cohort in ended
            for trainee in facts_of_cohort(session, cohort)
            if trainee.enrolment.state is EnrolmentState.IN_PROGRESS
        ]
        assert open_ones
        assert all(trainee.facts.attendance is not None for trainee in open_ones)
