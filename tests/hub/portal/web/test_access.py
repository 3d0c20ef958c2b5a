"""Every route declares who may open it; the matrix proves what each role is refused."""

from __future__ import annotations

import io

import pytest

from hub.portal.access import rule_of
from hub.portal.models import Role
from tests.graders import notebooks
from tests.hub.portal.web.campus import ROSTER
from tests.hub.portal.web.completing import COMPLETION_FORMS, COMPLETION_ROUTES, fill_in
from tests.hub.portal.web.papers import TERMS, add_papers
from tests.hub.portal.web.regrading import open_regrades

PUBLIC = {
    "static",
    "home.index",
    "account.switch_language",
    "authentication.login",
    "authentication.callback",
    "authentication.logout",
    "authentication.front_logout",
    "certificates.ask",
    "certificates.check",
    "invitations.link",
    "invitations.sign_in",
}

USERS = {
    Role.STUDENT: "student0",
    Role.INSTRUCTOR: "instructor",
    Role.COORDINATOR: "coordinator",
    Role.ADMINISTRATOR: "administrator",
    None: "nobody",
}

SOURCE = notebooks.notebook(notebooks.solution("x = 1", "x"), notebooks.graded("assert x", "t", 2))
TEAMS = "/teach/manufacturing-ai/tool-wear/teams"

#: endpoint -> (address, roles that get in); `{graded}` is student0's receipt.
COORDINATORS = {Role.COORDINATOR, Role.ADMINISTRATOR}
CERTIFICATES = "/programme/cohorts/inje-1/certificates"
INVITATIONS = "/programme/cohorts/gnu-1/invitations"
DUPLICATES = "/programme/duplicates/{person}/{foreign}"
ROUTES = {
    "student.home": ("/learn", {Role.STUDENT}),
    "student.courses": ("/courses", {Role.STUDENT}),
    "student.course": ("/courses/manufacturing-ai", {Role.STUDENT}),
    "student.assignment": ("/courses/manufacturing-ai/assignments/milling", {Role.STUDENT}),
    "instructor.courses": ("/teach", {Role.INSTRUCTOR}),
    "instructor.course": ("/teach/manufacturing-ai", {Role.INSTRUCTOR}),
    "instructor.attempts": ("/teach/manufacturing-ai/attempts", {Role.INSTRUCTOR}),
    "instructor.version": ("/teach/manufacturing-ai/milling/versions/2", {Role.INSTRUCTOR}),
    "instructor.publish": ("/teach/manufacturing-ai/milling/versions/2/publish", {Role.INSTRUCTOR}),
    "instructor.retry": ("/teach/manufacturing-ai/attempts/{failed}/retry", {Role.INSTRUCTOR}),
    "extensions.show": ("/teach/manufacturing-ai/milling/extensions", {Role.INSTRUCTOR}),
    "extensions.grant": ("/teach/manufacturing-ai/milling/extensions", {Role.INSTRUCTOR}),
    "extensions.end": ("/teach/manufacturing-ai/milling/extensions/{extension}/end", {Role.INSTRUCTOR}),
    "publish.form": ("/teach/manufacturing-ai/upload", {Role.INSTRUCTOR}),
    "publish.upload": ("/teach/manufacturing-ai/upload", {Role.INSTRUCTOR}),
    "publish.preview": ("/teach/manufacturing-ai/milling/versions/2/preview", {Role.INSTRUCTOR}),
    "deadlines.show": ("/teach/manufacturing-ai/milling/deadlines", {Role.INSTRUCTOR}),
    "deadlines.put_in_force": ("/teach/manufacturing-ai/milling/deadlines", {Role.INSTRUCTOR}),
    "gradebook.show": ("/teach/manufacturing-ai/gradebook", {Role.INSTRUCTOR}),
    "gradebook.as_csv": ("/teach/manufacturing-ai/gradebook.csv", {Role.INSTRUCTOR}),
    "gradebook.as_xlsx": ("/teach/manufacturing-ai/gradebook.xlsx", {Role.INSTRUCTOR}),
    "gradebook.policy": ("/teach/manufacturing-ai/milling/policy", {Role.INSTRUCTOR}),
    "gradebook.set_policy": ("/teach/manufacturing-ai/milling/policy", {Role.INSTRUCTOR}),
    "gradebook.release": ("/teach/manufacturing-ai/milling/policy/release", {Role.INSTRUCTOR}),
    "regrade.index": ("/teach/manufacturing-ai/milling/regrades", {Role.INSTRUCTOR}),
    "regrade.start": ("/teach/manufacturing-ai/tool-wear/regrades", {Role.INSTRUCTOR}),
    "regrade.show": ("/teach/manufacturing-ai/milling/regrades/{regrade}", {Role.INSTRUCTOR}),
    "regrade.retry": ("/teach/manufacturing-ai/milling/regrades/{regrade}/retry", {Role.INSTRUCTOR}),
    "regrade.publish": ("/teach/manufacturing-ai/milling/regrades/{regrade}/publish", {Role.INSTRUCTOR}),
    "regrade.go_on": ("/teach/manufacturing-ai/bearing/regrades/{sample}/all", {Role.INSTRUCTOR}),
    "regrade.discard": ("/teach/manufacturing-ai/bearing/regrades/{sample}/discard", {Role.INSTRUCTOR}),
    "marking.index": ("/teach/manufacturing-ai/milling/marking", {Role.INSTRUCTOR}),
    "marking.following": ("/teach/manufacturing-ai/milling/marking/next", {Role.INSTRUCTOR}),
    "marking.settings": ("/teach/manufacturing-ai/milling/marking/settings", {Role.INSTRUCTOR}),
    "marking.show": ("/teach/manufacturing-ai/marking/{graded}", {Role.INSTRUCTOR}),
    "marking.save": ("/teach/manufacturing-ai/marking/{graded}", {Role.INSTRUCTOR}),
    "marking.notebook": ("/teach/manufacturing-ai/marking/{graded}/notebook/0", {Role.INSTRUCTOR}),
    "marking.add_rubric": ("/teach/manufacturing-ai/marking/{graded}/rubric", {Role.INSTRUCTOR}),
    "marking.remove_rubric": ("/teach/manufacturing-ai/marking/{graded}/rubric/1/remove", {Role.INSTRUCTOR}),
    "teams.show": (TEAMS, {Role.INSTRUCTOR}),
    "teams.form": (TEAMS, {Role.INSTRUCTOR}),
    "teams.set_work": (f"{TEAMS}/work", {Role.INSTRUCTOR}),
    "teams.add": (f"{TEAMS}/{{team}}/members", {Role.INSTRUCTOR}),
    "teams.remove": (f"{TEAMS}/{{team}}/members/{{member}}/remove", {Role.INSTRUCTOR}),
    "teams.adjust": (f"{TEAMS}/{{team}}/members/{{member}}/adjust", {Role.INSTRUCTOR}),
    "teams.dissolve": (f"{TEAMS}/{{team}}/dissolve", {Role.INSTRUCTOR}),
    "receipts.check": (
        "/receipts/{graded}/check",
        {Role.STUDENT, Role.INSTRUCTOR, Role.COORDINATOR, Role.ADMINISTRATOR},
    ),
    "kpi.people": ("/programme/progress/gnai/people", COORDINATORS),
    "kpi.snapshots": ("/programme/progress/gnai/closings", COORDINATORS),
    "kpi.snapshot": ("/programme/progress/gnai/closings/{closed}", COORDINATORS),
    "kpi.close": ("/programme/progress/gnai/closings", COORDINATORS),
    "kpi.correct": ("/programme/progress/gnai/closings/{closed}/corrections", COORDINATORS),
    "coordinator.home": ("/programme", {Role.COORDINATOR, Role.ADMINISTRATOR}),
    "coordinator.cohort": ("/programme/cohorts/gnu-1", {Role.COORDINATOR, Role.ADMINISTRATOR}),
    "invitations.show": (INVITATIONS, COORDINATORS),
    "invitations.send": (INVITATIONS, COORDINATORS),
    "invitations.again": (f"{INVITATIONS}/{{invitation}}/again", COORDINATORS),
    "invitations.revoke": (f"{INVITATIONS}/{{invitation}}/revoke", COORDINATORS),
    "rosters.stop": ("/programme/cohorts/gnu-1/rosters/{roster}/stop", COORDINATORS),
    "people.show": ("/programme/people/{person}", COORDINATORS),
    "people.unmask": ("/programme/people/{person}/unmask", COORDINATORS),
    "people.edit": ("/programme/enrolments/{enrolment}/particulars", COORDINATORS),
    "people.move": ("/programme/enrolments/{enrolment}/state", COORDINATORS),
    "companies.show": ("/programme/companies", COORDINATORS),
    "companies.new": ("/programme/companies/new", COORDINATORS),
    "companies.create": ("/programme/companies/new", COORDINATORS),
    "companies.edit": ("/programme/companies/1", COORDINATORS),
    "companies.update": ("/programme/companies/1", COORDINATORS),
    "companies.tie": ("/programme/companies/1/teams", COORDINATORS),
    "companies.untie": ("/programme/companies/1/teams/{team}/end", COORDINATORS),
    "duplicates.show": ("/programme/duplicates", COORDINATORS),
    "duplicates.compare": (f"{DUPLICATES}", COORDINATORS),
    "duplicates.merge": (f"{DUPLICATES}/merge", COORDINATORS),
    "duplicates.undo": ("/programme/duplicates/merges/1/undo", COORDINATORS),
    "duplicates.apart": (f"{DUPLICATES}/apart", COORDINATORS),
    "my_data.show": ("/account/data", set(USERS)),
    "my_data.as_json": ("/account/data/my-data.json", set(USERS)),
    "my_data.as_page": ("/account/data/my-data.html", set(USERS)),
    "my_data.correct": ("/account/data", set(USERS)),
    "my_data.choose_mail": ("/account/data/mail", set(USERS)),
    "access_log.show": ("/administration/access-log", {Role.ADMINISTRATOR}),
    "access_log.sign_off": ("/administration/access-log/reviews", {Role.ADMINISTRATOR}),
    "rosters.show": ("/programme/cohorts/gnu-1/rosters", {Role.COORDINATOR, Role.ADMINISTRATOR}),
    "rosters.template": ("/programme/roster-template.xlsx", {Role.COORDINATOR, Role.ADMINISTRATOR}),
    "rosters.check": ("/programme/cohorts/gnu-1/rosters/{roster}", {Role.COORDINATOR, Role.ADMINISTRATOR}),
    "rosters.upload": ("/programme/cohorts/gnu-1/rosters", {Role.COORDINATOR, Role.ADMINISTRATOR}),
    "rosters.apply": ("/programme/cohorts/gnu-1/rosters/{roster}/apply", {Role.COORDINATOR, Role.ADMINISTRATOR}),
    "rosters.discard": ("/programme/cohorts/gnu-1/rosters/{roster}/discard", {Role.COORDINATOR, Role.ADMINISTRATOR}),
    **COMPLETION_ROUTES,
    "receipts.show": ("/receipts/{graded}", {Role.STUDENT, Role.INSTRUCTOR, Role.COORDINATOR, Role.ADMINISTRATOR}),
    "receipts.download": (
        "/receipts/{graded}/files.zip",
        {Role.STUDENT, Role.INSTRUCTOR, Role.COORDINATOR, Role.ADMINISTRATOR},
    ),
    "receipts.feedback": (
        "/receipts/{graded}/feedback/0",
        {Role.INSTRUCTOR, Role.COORDINATOR, Role.ADMINISTRATOR},  # the student's opens after the due date
    ),
    "certificates.show": (CERTIFICATES, COORDINATORS),
    "certificates.set_terms": (f"{CERTIFICATES}/terms", COORDINATORS),
    "certificates.issue": (f"{CERTIFICATES}/issue", COORDINATORS),
    "certificates.stop": (f"{CERTIFICATES}/stop", COORDINATORS),
    "certificates.download": (f"{CERTIFICATES}/{{certificate}}/certificate.pdf", COORDINATORS),
    "certificates.reissue": (f"{CERTIFICATES}/{{certificate}}/reissue", COORDINATORS),
    "certificates.revoke": (f"{CERTIFICATES}/{{certificate}}/revoke", COORDINATORS),
    "certificates.mine": ("/learn/certificates", {Role.STUDENT}),
    "certificates.download_own": ("/learn/certificates/{certificate}/certificate.pdf", set()),  # another student's
    "exports.show": ("/programme/exports", COORDINATORS),
    "exports.ask": ("/programme/exports", COORDINATORS),
    "exports.stop": ("/programme/exports/{export}/stop", {Role.COORDINATOR}),  # the coordinator's own
    "exports.download": ("/programme/exports/{export}/file", {Role.COORDINATOR}),
    "account.show": ("/account", set(USERS)),
    "account.switch_role": ("/account/role", set()),  # without a role in the form
    "account.revoke": ("/account/sessions/999999/revoke", set()),  # nobody has this session
}


def endpoints(app):
    return {rule.endpoint for rule in app.url_map.iter_rules()}


def test_every_route_declares_its_access(app):
    undeclared = {endpoint for endpoint in endpoints(app) if rule_of(app, endpoint) is None}
    assert undeclared == set()


def test_the_public_list_is_exactly_this(app):
    assert {endpoint for endpoint in endpoints(app) if rule_of(app, endpoint).is_public} == PUBLIC


def test_only_the_api_checks_tokens_by_itself(app):
    assert {e.partition(".")[0] for e in endpoints(app) if rule_of(app, e).is_token} <= {"api"}


def test_the_matrix_covers_every_route_that_is_not_public(app):
    guarded = {e for e in endpoints(app) if not rule_of(app, e).is_public and not rule_of(app, e).is_token}
    assert set(ROUTES) == guarded


#: What is sent with a form; an address of any other route is only opened.
FORMS = {
    "certificates.set_terms": TERMS,
    "certificates.issue": {},
    "certificates.stop": {},
    "certificates.reissue": {"reason": "분실"},
    "certificates.revoke": {"reason": "수료 취소"},
    "exports.ask": {"kind": "kpi", "programme": "gnai", "reason": "보고"},
    "exports.stop": {},
    "kpi.close": {"closing_date": "2026-02-28"},
    "kpi.correct": {"person": "{counted}", "change": "1", "reason": "r"},
    "instructor.publish": {},
    "instructor.retry": {},
    "account.switch_role": {},
    "account.revoke": {},
    "extensions.grant": {"whom": "person-{free}", "due_at": "2030-01-01T18:00", "reason": "r"},
    "extensions.end": {},
    "deadlines.put_in_force": {"due_at": "2030-01-01T18:00"},
    "gradebook.set_policy": {"score": "immediate", "feedback": "after_due"},
    "gradebook.release": {},
    "publish.upload": {"new": "a99"},
    "marking.settings": {"anonymous": "on"},
    "marking.save": {"cells": "0"},
    "marking.add_rubric": {"notebook": "a.ipynb", "grade_id": "e", "label": "l", "points": "1"},
    "marking.remove_rubric": {},
    "regrade.start": {"version": "2", "reason": "r"},
    "regrade.retry": {},
    "regrade.publish": {},
    "regrade.go_on": {},
    "regrade.discard": {},
    "teams.form": {"name": "2조", "person": "{free}"},
    "teams.set_work": {"team_work": "yes"},
    "teams.add": {"person": "{late}"},
    "teams.remove": {},
    "teams.adjust": {"points": "1", "reason": "r"},
    "teams.dissolve": {},
    "receipts.check": {"digest": "0" * 64},
    **COMPLETION_FORMS,
    "invitations.send": {},
    "invitations.again": {},
    "invitations.revoke": {},
    "rosters.stop": {},
    "people.unmask": {"reason": "long enough"},
    "people.edit": {"track": "employee"},
    "people.move": {"state": "withdrawn", "reason": "r"},
    "companies.create": {"name": "c"},
    "companies.update": {"name": "c"},
    "companies.tie": {"team": "{team}"},
    "companies.untie": {},
    "duplicates.merge": {"keep": "{person}", "reason": "r"},
    "duplicates.undo": {"reason": "r"},
    "duplicates.apart": {},
    "my_data.correct": {"name": "n"},
    "my_data.choose_mail": {},
    "access_log.sign_off": {"month": "2026-01", "findings": "f"},
    "rosters.upload": {},
    "rosters.apply": {"plan": "{roster_plan}"},
    "rosters.discard": {},
}


#: Ids of ``papers``, filled in for each test.
PAPERS: dict[str, int] = {}


@pytest.fixture(autouse=True)
def papers(sqlite_database):
    PAPERS.update(add_papers(sqlite_database))


def ask(client, endpoint, path, campus):
    blanks = {
        "graded": campus.graded_receipt,
        "failed": campus.failed_receipt,
        "team": campus.team,
        "member": campus.member,
        "free": campus.free[0],
        "late": campus.free[1],
        "extension": campus.extension,
        "roster": campus.roster,
        "roster_plan": campus.roster_plan,
        "invitation": campus.invitation,
        "closed": campus.closed,
        "counted": campus.counted,
        "person": campus.person,
        "foreign": campus.foreign_person,
        "enrolment": campus.enrolment,
        "regrade": 1,
        "sample": 2,
    }
    blanks |= PAPERS
    path = path.format(**blanks)
    if endpoint not in FORMS:
        return client.get(path)
    sent = {name: text.format(**blanks) for name, text in FORMS[endpoint].items()}
    if endpoint == "publish.upload":
        sent["files"] = (io.BytesIO(SOURCE), "a.ipynb")
    if endpoint == "rosters.upload":
        sent["file"] = (io.BytesIO(ROSTER), "명단.csv")
    return client.post(path, data=sent | fill_in(client, endpoint))


@pytest.mark.parametrize("role", USERS, ids=str)
def test_a_role_gets_exactly_its_routes(sign_in, campus, sqlite_database, role):
    assert open_regrades(sqlite_database) == (1, 2)
    client = sign_in(USERS[role])
    expected = {endpoint: role in allowed for endpoint, (_, allowed) in ROUTES.items()}
    statuses = {endpoint: ask(client, endpoint, path, campus).status_code for endpoint, (path, _) in ROUTES.items()}
    assert {status for endpoint, status in statuses.items() if expected[endpoint]} <= {200, 302}
    assert {status for endpoint, status in statuses.items() if not expected[endpoint]} <= {403, 404}


def test_strangers_get_nothing_but_the_sign_in(client, campus):
    for endpoint, (path, _) in ROUTES.items():
        answer = ask(client, endpoint, path, campus)
        assert answer.status_code in (302, 401)
        assert answer.status_code == 401 or answer.headers["Location"].startswith("/auth/login?next=")


@pytest.mark.parametrize(
    ("username", "path"),
    [
        ("student1", "/courses/manufacturing-ai"),
        ("student1", "/courses/manufacturing-ai/assignments/milling"),
        ("student1", "/receipts/{graded}"),
        ("student1", "/receipts/{graded}/files.zip"),
        ("student2", "/receipts/{graded}"),
        ("student0", "/receipts/{team}"),
        ("student5", "/receipts/{team}/files.zip"),
        ("other-instructor", "/receipts/{team}"),
        ("student0", "/courses/energy"),
        ("other-instructor", "/teach/manufacturing-ai"),
        ("other-instructor", "/teach/manufacturing-ai/attempts"),
        ("other-instructor", "/teach/manufacturing-ai/milling/versions/2"),
        ("other-instructor", "/teach/manufacturing-ai/milling/extensions"),
        ("other-instructor", "/teach/manufacturing-ai/milling/regrades"),
        ("other-instructor", "/teach/manufacturing-ai/milling/marking"),
        ("other-instructor", "/teach/manufacturing-ai/gradebook.csv"),
        ("other-instructor", "/teach/manufacturing-ai/upload"),
        ("other-instructor", "/teach/manufacturing-ai/milling/versions/2/preview"),
        ("other-instructor", "/teach/manufacturing-ai/milling/deadlines"),
        ("other-instructor", "/teach/energy/marking/{graded}"),
        ("other-instructor", "/teach/manufacturing-ai/tool-wear/teams"),
        ("other-instructor", "/receipts/{graded}"),
        ("other-instructor", "/receipts/{graded}/feedback/0"),
        ("gnu-coordinator", "/programme/cohorts/inje-1"),
        ("coordinator", "/programme/progress/nothing/people"),
        ("coordinator", "/programme/progress/gnai/closings/2026-13-99"),
        ("gnu-coordinator", "/programme/cohorts/inje-1/rosters"),
        ("gnu-coordinator", "/programme/cohorts/inje-1/completion"),
        ("gnu-coordinator", "/programme/cohorts/inje-1/certificates"),
        ("gnu-coordinator", "/programme/cohorts/inje-1/certificates/1/certificate.pdf"),
        ("coordinator", "/programme/cohorts/gnu-1/certificates/1/certificate.pdf"),  # there is one, of another cohort
        ("administrator", "/programme/exports/1/file"),  # there is one, that another person asked for
        ("coordinator", "/programme/cohorts/inje-1/rosters/1"),  # there is one, of another cohort
    ],
)
def test_what_belongs_to_others_looks_like_nothing_at_all(sign_in, campus, username, path):
    client = sign_in(username)
    answer = client.get(path.format(graded=campus.graded_receipt, team=campus.team_receipt))
    missing = client.get("/receipts/0000-0000" if "receipts" in path else "/nowhere")
    assert answer.status_code == missing.status_code == 404
    assert answer.text.count("밀링") == 0


def test_a_coordinator_of_one_university_sees_only_its_figures(sign_in):
    page = sign_in("gnu-coordinator").get("/programme").text
    assert "경상국립대학교 1기" in page
    assert "인제대학교 1기" not in page


def test_switching_the_role_changes_the_home_but_gives_no_right(sign_in):
    client = sign_in("both")
    assert client.get("/").headers["Location"] == "/programme"
    assert client.post("/account/role", data={"role": "instructor"}).status_code == 302
    assert client.get("/").headers["Location"] == "/teach"
    assert client.post("/account/role", data={"role": "administrator"}).status_code == 403


def test_a_view_without_a_declaration_is_refused(app, sign_in):
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert sign_in("administrator").get("/forgotten").status_code == 403
