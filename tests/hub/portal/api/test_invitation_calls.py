"""The hub's calls about invitations: only the hub may ask, a link says little, and is used once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from graders.files import sha256_hex
from hub.portal.models import Cohort, Invitation, Login, Person

LINK = "a-token-that-was-mailed"
CALL = "/internal/invitations"


@pytest.fixture
def invited(campus) -> int:
    """A person whose link was mailed; returns the person's id."""
    with campus.database.writing() as session:
        cohort = session.scalars(sa.select(Cohort).where(Cohort.slug == "gnu-1")).one()
        person = Person(name="김민수", email="minsu@example.ac.kr")
        session.add(person)
        session.flush()
        facts = {"cohort_id": cohort.id, "university_id": cohort.university_id, "made_at": campus.now}
        digest, until = sha256_hex(LINK.encode()), campus.now + timedelta(days=1)
        session.add(Invitation(person_id=person.id, token_digest=digest, expires_at=until, **facts))
        return person.id


def ask(api, hub_token: str | None = None, **body: object):
    headers = {"Authorization": f"Bearer {hub_token or api.service_token()}"}
    return api.call("POST", CALL, None, headers=headers, json={"token": LINK, **body})


def test_the_way_of_a_good_link(api, campus, invited) -> None:
    assert ask(api).json == {"is_open": True, "name": "김*수"}
    assert ask(api, username="minsu.kim").json["is_open"]
    assert ask(api, username="minsu.kim", accept=True).json == {"is_open": False, "name": ""}
    assert campus.get(Login, subject="minsu.kim").person_id == invited
    assert ask(api).json == {"is_open": False, "name": ""}
    assert ask(api, username="again", accept=True).status_code == 422


def test_a_name_that_is_taken_is_said_before_an_account_is_made(api, campus, invited) -> None:
    assert ask(api, username="kim").status_code == 409
    assert ask(api, username="kim", accept=True).status_code == 409
    assert ask(api).json["is_open"]


@pytest.mark.parametrize("token", ["token-kim", "x"])
def test_nobody_but_the_hub_may_ask(api, campus, invited, token: str) -> None:
    assert ask(api, hub_token=token, username="minsu.kim", accept=True).status_code == 401
    assert campus.count(Login, subject="minsu.kim") == 0


@pytest.mark.parametrize("body", [{"token": "x" * 201}, {"username": "x" * 33}, {"accept": "maybe"}])
def test_a_call_of_another_shape_is_refused(api, invited, body: dict[str, object]) -> None:
    assert ask(api, **({"token": LINK} | body)).status_code in (400, 422)


def test_a_link_that_nobody_mailed_says_nothing(api, invited) -> None:
    assert ask(api, token="other").json == {"is_open": False, "name": ""}
