"""The completion pages as a coordinator goes through them, for tests that ask every route."""

from __future__ import annotations

import io
import re

from flask.testing import FlaskClient

from hub.portal.models import Role

COHORT = "/programme/cohorts/gnu-1/completion"
STAFF = {Role.COORDINATOR, Role.ADMINISTRATOR}

#: In this order every route does what it is there for: rules, facts, a decision, and the decision taken back.
COMPLETION_ROUTES = {
    "my_path.show": ("/learn/path", {Role.STUDENT}),
    "completion_rules.show": (f"{COHORT}/rules", STAFF),
    "completion_rules.save": (f"{COHORT}/rules", STAFF),
    "completion_rules.preview": (f"{COHORT}/rules/1", STAFF),
    "completion_rules.activate": (f"{COHORT}/rules/1/activate", STAFF),
    "completion.person": (f"{COHORT}/people/1", STAFF),
    "completion.enter": (f"{COHORT}/people/1/facts", STAFF),
    "completion.show": (COHORT, STAFF),
    "completion.confirm": (COHORT, STAFF),
    "completion.decide": (f"{COHORT}/people/1/decisions", STAFF),
    "completion_files.show": (f"{COHORT}/file", STAFF),
    "completion_files.template": (f"{COHORT}/file/template.xlsx", STAFF),
    "completion_files.check": (f"{COHORT}/file", STAFF),
    "completion_files.enter": (f"{COHORT}/file/enter", STAFF),
}
COMPLETION_FORMS = {
    "completion_rules.save": {"use-survey": "all", "rounding": "tenth"},
    "completion_rules.activate": {},
    "completion.enter": {"has_survey": "yes"},
    "completion.confirm": {"enrolment": "1"},
    "completion.decide": {"outcome": "not_completed", "reason": "r"},
    "completion_files.check": {},
    "completion_files.enter": {},
}
_FILE = "이름,휴대전화,만족도 조사\n고은별,010-1111-2222,예\n"


def fill_in(client: FlaskClient, endpoint: str) -> dict[str, object]:
    """Return what only the page before can tell (what was looked at), or the file that is uploaded."""
    if endpoint == "completion_files.check":
        return {"file": (io.BytesIO(_FILE.encode()), "자료.csv")}
    if endpoint == "completion_files.enter":
        checked = client.post(f"{COHORT}/file", data={"file": (io.BytesIO(_FILE.encode()), "자료.csv")})
        return {name: hidden(checked.text, name) for name in ("packed", "basis")}
    before = {"completion_rules.activate": f"{COHORT}/rules/1", "completion.confirm": COHORT}.get(endpoint)
    return {} if before is None else {"seen": hidden(client.get(before).text, "seen")}


def hidden(page: str, name: str) -> str:
    """Return a hidden field of a page; empty if there is none."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1].replace("&#34;", '"') if found else ""
