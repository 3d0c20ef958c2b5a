"""Handing in over HTTP: receipts, retries, limits, and that nothing in an upload can change whose or when it is."""

import base64
import json

import pytest
import sqlalchemy as sa

from hub.portal.models import Attempt, GradingTask, Role
from hub.portal.web import DATABASE

A01 = "/courses/ai/assignments/a01"
NOTEBOOK = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}).encode()


def test_a_receipt_says_what_was_received(api, campus) -> None:
    answer = api.submit({"a.ipynb": NOTEBOOK})
    receipt = answer.json
    assert answer.status_code == 201
    assert (receipt["number"], receipt["status"], receipt["queue_position"]) == (1, "queued", 1)
    assert receipt["files"][0]["size"] == len(NOTEBOOK)
    assert receipt["received_at"].startswith("2026-11-22T03:00:00")
    assert receipt["portal_url"].endswith(f"/receipts/{receipt['receipt_id']}")


def test_a_retry_with_the_same_key_gets_the_same_receipt(api, campus) -> None:
    first, again = api.submit({"a.ipynb": NOTEBOOK}), api.submit({"a.ipynb": NOTEBOOK})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["receipt_id"] == again.json["receipt_id"]
    assert campus.count(Attempt) == 1


def test_the_same_key_with_other_bytes_is_a_conflict(sqlite_api) -> None:
    sqlite_api.submit({"a.ipynb": NOTEBOOK})
    answer = sqlite_api.submit({"a.ipynb": NOTEBOOK + b" "})
    assert answer.status_code == 409
    assert answer.json["error"]["code"] == "idempotency_key_reused"
    assert answer.json["error"]["ko"]


def test_without_a_key_nothing_is_taken(sqlite_api) -> None:
    answer = sqlite_api.call("POST", f"{A01}/attempts", json={"files": []})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "idempotency_key")


def test_an_unreadable_notebook_is_kept_and_the_student_is_told(sqlite_api) -> None:
    answer = sqlite_api.submit({"a.ipynb": b"{broken"})
    assert answer.status_code == 201
    assert (
        sqlite_api.get(f"/receipts/{answer.json['receipt_id']}/files").json["files"][0]["content"]
        == base64.b64encode(b"{broken").decode()
    )


@pytest.mark.parametrize(
    "extra",
    [
        {"person_id": 99, "username": "lee", "received_at": "2020-01-01T00:00:00Z", "number": 7},
        {"course": "other", "assignment": "a02", "enrolment_id": 5},
    ],
)
def test_nothing_in_the_upload_changes_who_when_or_what(sqlite_api, sqlite_campus, extra) -> None:
    lee = sqlite_campus.person("lee")
    tricky = {"timestamp.txt": b"2020-01-01 00:00:00 UTC", "a.ipynb": NOTEBOOK}
    assert sqlite_api.submit(tricky, **extra).status_code == 201
    attempt = sqlite_campus.get(Attempt)
    assert attempt.person_id != lee
    assert (attempt.number, attempt.received_at) == (1, sqlite_campus.now)


@pytest.mark.parametrize("path", ["../x.ipynb", "/x.ipynb", "a//b", "a/./b", ".."])
def test_path_tricks_are_refused_with_a_reason(sqlite_api, path) -> None:
    answer = sqlite_api.submit({path: NOTEBOOK})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "bad_path")


def test_the_same_path_twice_is_refused(sqlite_api) -> None:
    file = {"path": "a.ipynb", "content": ""}
    answer = sqlite_api.call(
        "POST", f"{A01}/attempts", json={"files": [file, file]}, headers={"Idempotency-Key": "key-00000001"}
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "path_twice")


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": "no json", "content_type": "text/plain"}, 415),
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"json": {"files": "x"}}, 422),
        ({"json": {"files": [{"path": "a.ipynb", "content": "not base64!"}]}}, 422),
        ({"json": []}, 422),
        ({"data": b"x" * (40 * 2**20), "content_type": "application/json"}, 413),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused(sqlite_api, options, status) -> None:
    answer = sqlite_api.call("POST", f"{A01}/attempts", headers={"Idempotency-Key": "key-00000001"}, **options)
    assert answer.status_code == status
    assert answer.json["error"]["request_id"]


def test_too_large_a_notebook_is_refused_with_what_to_do(sqlite_api) -> None:
    answer = sqlite_api.submit({"a.ipynb": b"x" * (5 * 2**20 + 1)})
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "notebook_too_large")


def test_a_loop_is_told_when_to_come_back(sqlite_api) -> None:
    for number in range(10):
        assert sqlite_api.submit({"a.ipynb": NOTEBOOK + b" " * number}, key=f"key-{number:08}").status_code == 201
    answer = sqlite_api.submit({"a.ipynb": NOTEBOOK}, key="key-99999999")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_while_the_database_is_away_nothing_is_claimed_as_submitted(sqlite_api, sqlite_campus) -> None:
    sqlite_api.get("/me")
    database = sqlite_api.app.extensions[DATABASE]

    def break_it(*_: object) -> None:
        raise sa.exc.OperationalError("insert", {}, Exception("disk I/O error"))

    sa.event.listen(database.engine, "before_cursor_execute", break_it)
    answer = sqlite_api.submit({"a.ipynb": NOTEBOOK})
    sa.event.remove(database.engine, "before_cursor_execute", break_it)
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "database_unavailable")
    assert sqlite_campus.count(Attempt) == 0


def test_a_full_disk_answers_503_and_stores_nothing(sqlite_api, sqlite_campus) -> None:
    pages = "PRAGMA max_page_count"
    database = sqlite_api.app.extensions[DATABASE]

    def keep_small(connection, _record, _proxy) -> None:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"{pages} = {used + 4}")

    sa.event.listen(database.engine, "checkout", keep_small)
    answer = sqlite_api.submit({"a.ipynb": NOTEBOOK, "big.bin": bytes(range(256)) * 4000})
    assert answer.status_code == 503
    assert sqlite_campus.count(Attempt) == sqlite_campus.count(GradingTask) == 0


def test_staff_cannot_submit(sqlite_api, sqlite_campus) -> None:
    sqlite_campus.person("park", Role.INSTRUCTOR)
    assert sqlite_api.submit({"a.ipynb": NOTEBOOK}, user="park").status_code == 403
