"""Whose, when and what a submission is, the server says: nothing in an upload can change it."""

import io
import json
import zipfile

import pytest
import sqlalchemy as sa

from graders.exchange.wire import wire_files
from hub.portal.models import Attempt, Course, GradeRequestRow, Login, Role, University
from hub.portal.services.file_sets import load_file_set

A01 = "/courses/ai/assignments/a01"


def notebook(**metadata) -> bytes:
    cells = [{"id": "a", "cell_type": "code", "metadata": metadata, "source": "1", "outputs": [], "execution_count": 1}]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}).encode()


NOTEBOOK = notebook()
LONG = "x" * 130

BAD_PATHS = {
    "absolute": "/etc/passwd",
    "parent": "../a.ipynb",
    "parent inside": "sub/../../a.ipynb",
    "current folder": "./a.ipynb",
    "empty part": "a//b.txt",
    "backslash": "..\\a.ipynb",
    "drive": "C:\\a.ipynb",
    "nul": "a\x00.ipynb",
    "newline": "a\n.txt",
    "device name": "con",
    "device name with ending": "sub/NUL.txt",
    "trailing dot": "a.",
    "trailing space": "a ",
    "right-to-left override": "a\u202etxt.py",
    "too long a name": LONG + LONG + ".txt",
    "too deep": "/".join(["d"] * 60) + "/a.txt",
    "nothing": "",
}


@pytest.mark.parametrize("path", BAD_PATHS.values(), ids=BAD_PATHS)
def test_a_path_with_a_trick_is_refused_with_a_reason_and_leaves_nothing(sqlite_api, sqlite_campus, path) -> None:
    answer = sqlite_api.submit({"a.ipynb": NOTEBOOK, path: b"x"})
    assert answer.status_code in (413, 422), answer.json
    assert answer.json["error"]["ko"]
    assert answer.json["error"]["en"]
    assert sqlite_campus.count(Attempt) == 0


@pytest.mark.parametrize(
    "paths",
    [("a.ipynb", "A.ipynb"), ("\uac00.txt", "\u1100\u1161.txt"), ("stra\u00dfe.txt", "STRASSE.txt"), ("a", "a/b.txt")],
    ids=["case", "unicode form", "case folding", "file and folder"],
)
def test_names_that_are_one_on_some_disks_are_refused(sqlite_api, sqlite_campus, paths) -> None:
    assert sqlite_api.submit(dict.fromkeys(paths, NOTEBOOK)).status_code == 422
    assert sqlite_campus.count(Attempt) == 0


def test_too_many_files_are_refused(sqlite_api, sqlite_campus) -> None:
    answer = sqlite_api.submit({f"{number}.txt": b"" for number in range(201)})
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "too_many_files")
    assert sqlite_campus.count(Attempt) == 0


def test_what_the_upload_says_about_itself_changes_nothing(api, campus) -> None:
    lee = campus.person("lee")
    files = {
        "a.ipynb": notebook(nbgrader={"student": "lee"}, user="lee", course_id="other", seed=1),
        "timestamp.txt": b"2020-01-01 00:00:00.000000 UTC",
        "learner.json": b'{"seed": 1}',
        "user_info.json": b'{"username": "lee"}',
    }
    lies = {"username": "lee", "person_id": lee, "received_at": "2020-01-01T00:00:00Z", "number": 9, "course": "other"}
    headers = {"Idempotency-Key": "key-00000001", "X-Forwarded-User": "lee", "X-Remote-User": "lee", "Date": "x"}
    body = {"files": wire_files(files), **lies}
    assert api.call("POST", f"{A01}/attempts", json=body, headers=headers).status_code == 201
    attempt = campus.get(Attempt)
    kim = campus.get(Login, subject="kim").person_id
    assert (attempt.person_id, attempt.number, attempt.received_at) == (kim, 1, campus.now)
    request = campus.get(GradeRequestRow).request
    assert request["assignment"] == "ai/a01"
    assert request["seed"] != 1


def test_an_archive_is_a_file_and_is_never_unpacked(sqlite_api, sqlite_campus) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../escaped.txt", "x")
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert sqlite_api.submit({"a.ipynb": NOTEBOOK, "all.zip": packed.getvalue()}).status_code == 201
    with sqlite_campus.database.reading() as session:
        stored = load_file_set(session, session.scalars(sa.select(Attempt.submission_digest)).one())
    assert stored.files["all.zip"] == packed.getvalue()


@pytest.fixture
def elsewhere(campus) -> str:
    """A course of the other university that nobody of the first takes or teaches."""
    with campus.database.writing() as session:
        inje = session.scalars(sa.select(University).where(University.slug == "inje")).one()
        campus.add_course(session, "other", inje)
    return "/courses/other/assignments/a01"


@pytest.mark.parametrize("role", [Role.STUDENT, Role.INSTRUCTOR])
def test_a_token_reaches_nothing_of_a_course_that_is_not_its_owners(api, campus, elsewhere, role) -> None:
    campus.person("lee", Role.STUDENT)
    with campus.database.writing() as session:
        session.execute(sa.text("DELETE FROM role_grant WHERE course_id IN (SELECT id FROM course WHERE slug='other')"))
    user = "kim" if role is Role.STUDENT else "noh"
    campus.person(user, role, "gnu")
    with campus.database.writing() as session:
        other = session.scalars(sa.select(Course.id).where(Course.slug == "other")).one()
        session.execute(sa.text("DELETE FROM role_grant WHERE course_id = :course"), {"course": other})
        session.execute(sa.text("DELETE FROM cohort_course WHERE course_id = :course"), {"course": other})
    body = {"files": wire_files({"a.ipynb": NOTEBOOK})}
    key = {"Idempotency-Key": "key-00000001"}
    asked = [
        api.get(f"{elsewhere}/release", user=user),
        api.get(f"{elsewhere}/attempts", user=user),
        api.get(f"{elsewhere}/collection", user=user),
        api.get("/courses/other/assignments", user=user),
        api.call("POST", f"{elsewhere}/versions", user, json=body),
        api.call("POST", f"{elsewhere}/attempts", user, json=body, headers=key),
    ]
    assert [answer.status_code for answer in asked] == [404] * len(asked)
    assert {answer.json["error"]["code"] for answer in asked} == {"not_found"}


def test_a_release_never_holds_source_or_tests(api, campus) -> None:
    campus.person("park", Role.INSTRUCTOR)
    for user in ("kim", "park"):
        listed = api.get(f"{A01}/release", user=user).json["files"]
        assert {each["path"] for each in listed} == {"a.ipynb", "data.csv", "learner.json"}


def test_a_key_of_somebody_elses_attempt_makes_ones_own(api, campus) -> None:
    first = api.submit({"a.ipynb": NOTEBOOK}, key="key-00000001")
    campus.person("lee")
    second = api.submit({"a.ipynb": NOTEBOOK}, user="lee", key="key-00000001")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json["receipt_id"] != second.json["receipt_id"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_a_receipt_can_be_neither_changed_nor_removed(sqlite_api, sqlite_campus, method) -> None:
    receipt = sqlite_api.submit({"a.ipynb": NOTEBOOK}).json["receipt_id"]
    for path in (f"/receipts/{receipt}", f"/receipts/{receipt}/files"):
        assert sqlite_api.call(method, path, json={}).status_code in (404, 405)
    assert sqlite_campus.count(Attempt) == 1
