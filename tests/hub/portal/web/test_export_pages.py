"""The pages of exports: a reason, progress, the file for who asked, and the register for those who may see it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hub import jobs
from hub.portal.models import Export, Job, JobState

PAGE = "/programme/exports"
WISH = {"kind": "enrolments", "programme": "gnai", "reason": "월간 보고"}


def newest(database) -> int:
    with database.reading() as session:
        return session.scalars(sa.select(Export.id).order_by(Export.id.desc()).limit(1)).one()


def test_a_file_is_asked_for_made_and_fetched(sign_in, sqlite_database):
    client = sign_in("coordinator")
    assert client.post(PAGE, data=WISH).status_code == 302
    waiting = client.get(PAGE).text
    assert "대기" in waiting
    assert "/file" not in waiting
    assert jobs.JobRunner(sqlite_database, runner=None).run_one()
    number = newest(sqlite_database)
    assert f"{PAGE}/{number}/file" in client.get(PAGE).text
    answer = client.get(f"{PAGE}/{number}/file")
    assert answer.data.startswith(b"PK")
    assert ".xlsx" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_without_a_reason_nothing_is_made_and_what_was_typed_stays(sign_in, sqlite_database):
    answer = sign_in("coordinator").post(PAGE, data=WISH | {"reason": " ", "as_of": "2026-11-01"})
    assert answer.status_code == 422
    assert 'value="2026-11-01"' in answer.text
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(Job).where(Job.kind == "make_export")).first() is None


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"cohort": "inje-1"}, 404),  # not theirs
        ({"programme": "none"}, 404),
        ({"kind": "passwords"}, 404),
        ({"as_of": "yesterday"}, 422),
        ({"as_of": "2999-01-01"}, 422),
        ({"kind": "evidence"}, 422),  # of a cohort
    ],
)
def test_what_can_not_be_asked_for_is_refused(sign_in, wrong, status):
    assert sign_in("gnu-coordinator").post(PAGE, data=WISH | wrong).status_code == status


def test_another_coordinator_sees_the_row_in_the_register_but_not_the_file(sign_in, sqlite_database):
    sign_in("gnu-coordinator").post(PAGE, data=WISH)
    jobs.JobRunner(sqlite_database, runner=None).run_one()
    number, other = newest(sqlite_database), sign_in("coordinator")
    page = other.get(PAGE).text
    assert "월간 보고" in page
    assert f"{PAGE}/{number}/file" not in page
    assert other.get(f"{PAGE}/{number}/file").status_code == 404
    assert other.post(f"{PAGE}/{number}/stop").status_code == 404


def test_a_universitys_coordinator_does_not_see_exports_of_the_whole_programme(sign_in):
    sign_in("coordinator").post(PAGE, data=WISH)
    assert "월간 보고" not in sign_in("gnu-coordinator").get(PAGE).text


def test_an_export_is_stopped_from_the_page(sign_in, sqlite_database):
    client = sign_in("coordinator")
    client.post(PAGE, data=WISH)
    assert client.post(f"{PAGE}/{newest(sqlite_database)}/stop").status_code == 302
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(Job.state).where(Job.kind == "make_export")).one() is JobState.CANCELLED
    assert not jobs.JobRunner(sqlite_database, runner=None).run_one()
