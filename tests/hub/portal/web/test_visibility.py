"""Role by tenant by route: what belongs to another university, course or person is not there (404), on every page.

The addresses are taken from the routes themselves, so a page that is added is asked too.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hub.portal.access import rule_of
from hub.portal.models import (
    Cohort,
    Enrolment,
    EnrolmentState,
    Login,
    Person,
    Role,
    utc_now,
)
from hub.portal.services.audit import Actor
from hub.portal.services.programme.completion import activate_rules, save_rules
from hub.portal.services.programme.completion_rules import DEFAULT_RULES
from hub.portal.services.programme.roster_imports import take_roster
from hub.portal.services.programme_overview import masked
from tests.hub.portal.web.campus import ROSTER

SECRET = "표도령"


@pytest.fixture
def foreign(sqlite_database, campus):
    """Give the other university's cohort a trainee, rules and a roster; return what would be in their addresses."""
    with sqlite_database.writing() as session:
        cohort = session.scalars(sa.select(Cohort).where(Cohort.slug == campus.foreign_cohort)).one()
        actor = Actor("coordinator", session.scalars(sa.select(Login.person_id).filter_by(subject="coordinator")).one())
        now = utc_now()
        rule = save_rules(session, actor, cohort, DEFAULT_RULES, SECRET, now)
        activate_rules(session, actor, rule, now)
        person = Person(name=SECRET)
        session.add(person)
        session.flush()
        enrolment = Enrolment(
            person_id=person.id,
            cohort_id=cohort.id,
            university_id=cohort.university_id,
            state=EnrolmentState.IN_PROGRESS,
        )
        session.add(enrolment)
        session.flush()
        roster = take_roster(session, actor, cohort, f"{SECRET}.csv", ROSTER, now)
        return {
            "cohort": cohort.slug,
            "enrolment_id": enrolment.id,
            "number": rule.number,
            "upload_id": roster.id,
            "person_id": person.id,
        }


def addresses(app, parts, **fixed):
    """Every address below a cohort that these parts can fill, with its methods."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        declared = rule_of(app, rule.endpoint)
        known = {**parts, **fixed}
        if "cohort" in rule.arguments and rule.arguments <= set(known) and declared is not None:
            methods = (rule.methods or set()) & {"GET", "POST"}
            for method in sorted(methods):
                yield method, adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments}, method)


def leaks(text: str) -> bool:
    return SECRET in text or masked(SECRET) in text


def test_there_are_pages_to_ask(app, foreign):
    asked = {address for _, address in addresses(app, foreign)}
    assert len(asked) >= 15
    assert any("/completion/people/" in address for address in asked)
    assert any("/rosters/" in address for address in asked)


def test_another_university_s_cohort_is_not_there_for_its_coordinator(app, sign_in, foreign):
    client = sign_in("gnu-coordinator")
    for method, address in addresses(app, foreign):
        answer = client.open(address, method=method, data={} if method == "POST" else None)
        assert (answer.status_code, leaks(answer.text)) == (404, False), f"{method} {address}"


@pytest.mark.parametrize("name", ["enrolment_id", "upload_id"])
def test_a_foreign_id_under_one_s_own_cohort_is_not_there(app, sign_in, foreign, campus, name):
    client = sign_in("gnu-coordinator")
    below = {"enrolment_id": "/completion/people/", "upload_id": "/rosters/"}[name]
    asked = [each for each in addresses(app, foreign, cohort=campus.cohort) if f"{below}{foreign[name]}" in each[1]]
    assert asked
    for method, address in asked:
        answer = client.open(address, method=method, data={} if method == "POST" else None)
        assert (answer.status_code, leaks(answer.text)) == (404, False), f"{method} {address}"


@pytest.mark.parametrize("username", ["student0", "instructor", "other-instructor", "nobody"])
def test_a_cohort_s_pages_are_not_open_to_other_roles(app, sign_in, foreign, username):
    client = sign_in(username)
    for method, address in addresses(app, foreign):
        answer = client.open(address, method=method, data={} if method == "POST" else None)
        assert (answer.status_code, leaks(answer.text)) == (403, False), f"{method} {address}"


@pytest.mark.parametrize("username", ["coordinator", "administrator"])
def test_who_coordinates_all_sees_the_cohort(app, sign_in, foreign, username):
    client = sign_in(username)
    page = client.get(f"/programme/cohorts/{foreign['cohort']}/completion/people/{foreign['enrolment_id']}")
    assert page.status_code == 200
    assert masked(SECRET) in page.text


def test_a_coordinator_s_lists_name_nobody_of_another_university(app, sign_in, foreign, campus):
    client = sign_in("gnu-coordinator")
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        declared = rule_of(app, rule.endpoint)
        is_open = declared is not None and Role.COORDINATOR in declared.roles and "GET" in (rule.methods or set())
        if not is_open or not rule.arguments <= {"cohort"}:
            continue
        parts = dict.fromkeys(rule.arguments, campus.cohort)
        answer = client.get(adapter.build(rule.endpoint, parts))
        assert not leaks(answer.data.decode(errors="replace")), rule.rule
