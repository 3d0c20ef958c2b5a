"""The isolation notice speaks the engine's own names: a layer renamed there must not silence or raise it here."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from graders.engine.sandbox import PRACTICE_ONLY
from graders.engine.sandbox import REQUIRED_ON_LINUX as REQUIRED_OF_STUDENTS
from graders.engine.trusted_cage import REQUIRED_ON_LINUX as REQUIRED_OF_TESTS
from hub.portal.layout_words import isolation_incomplete
from hub.portal.models import AssignmentVersion, Enrolment
from tests.hub.portal.web import campus as small_campus
from tests.hub.portal.web.campus import LAYERS, add_attempt, grade, make_report

REQUIRED_ON_LINUX = (*REQUIRED_OF_STUDENTS, *REQUIRED_OF_TESTS)
NOTICE = "이 컴퓨터에서는 격리가 완전하지 않습니다"


def report(*layers: str):
    return make_report("0" * 64).model_copy(update={"layers": layers})


def test_the_engine_s_required_layers_are_enough():
    assert not isolation_incomplete(report(*REQUIRED_ON_LINUX))
    assert not isolation_incomplete(report("namespace-user", *LAYERS, "landlock-tcp"))


@pytest.mark.parametrize("missing", REQUIRED_ON_LINUX)
def test_each_required_layer_is_missed(missing):
    assert isolation_incomplete(report(*(layer for layer in REQUIRED_ON_LINUX if layer != missing)))


def test_practice_only_is_never_isolated_whatever_else_is_on():
    assert isolation_incomplete(report("rlimits", PRACTICE_ONLY))
    assert isolation_incomplete(report(*REQUIRED_ON_LINUX, PRACTICE_ONLY))


@pytest.mark.parametrize(("layers", "is_shown"), [(("rlimits", PRACTICE_ONLY), True), (REQUIRED_ON_LINUX, False)])
def test_the_receipt_says_when_grading_was_not_isolated(sign_in, sqlite_database, monkeypatch, layers, is_shown):
    monkeypatch.setattr(small_campus, "LAYERS", layers)
    with sqlite_database.writing() as session:
        version = session.scalars(sa.select(AssignmentVersion)).first()
        attempt = add_attempt(session, version, session.scalars(sa.select(Enrolment)).first(), 9, datetime.now(UTC))
        grade(session, attempt, datetime.now(UTC))
        receipt = attempt.receipt_id
    assert (NOTICE in sign_in("student0").get(f"/receipts/{receipt}").text) == is_shown
