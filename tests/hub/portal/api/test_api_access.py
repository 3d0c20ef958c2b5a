"""Who may ask what: tokens, foreign ids, staff's looks that leave a trace."""

import json

import pytest
import sqlalchemy as sa

from graders.contract import LEARNER_FILE
from graders.exchange.wire import wire_files
from hub.portal.models import AssignmentFetch, AssignmentVersion, AuditEvent, Person, Role, ServerSession

NOTEBOOK = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}).encode()
A01 = "/courses/ai/assignments/a01"
GUARDED = ["/me", "/courses", "/courses/ai/assignments", f"{A01}/release", f"{A01}/attempts", "/receipts/0000-0000"]


def files_of(answer) -> dict[str, bytes]:
    return {file["path"]: file["content"] for file in answer.json["files"]}


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "header", [None, "Bearer wrong", "Basic a2ltOng=", "Bearer ", "Bearer " + "x" * 600, "Bearer 한"]
)
def test_without_a_good_token_nothing_is_told(sqlite_api, path, header) -> None:
    headers = {"Authorization": header.encode().decode("latin-1")} if header else {}
    answer = sqlite_api.get(path, user=None, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthenticated")


def test_a_services_token_is_nobodys(sqlite_api, hub) -> None:
    hub.answers["token-kim"] = (200, {"kind": "service", "name": "kim"})
    assert sqlite_api.get("/me").status_code == 401


def test_a_hub_user_whom_the_portal_does_not_know_is_told_so(sqlite_api) -> None:
    answer = sqlite_api.get("/me", user="stranger")
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "unknown_person")


def test_a_hub_that_is_down_is_503(sqlite_api, hub) -> None:
    hub.answers["token-kim"] = (500, {})
    assert sqlite_api.get("/me").status_code == 503


def test_the_hub_is_asked_once_in_a_while(sqlite_api, hub) -> None:
    for _ in range(5):
        sqlite_api.get("/courses")
    assert hub.asked == ["token-kim"]


@pytest.mark.parametrize("what", ["", "/files", "/feedback"])
def test_anothers_receipt_looks_like_none(api, campus, what) -> None:
    receipt = api.submit({"a.ipynb": NOTEBOOK}).json["receipt_id"]
    campus.person("lee")
    foreign, none = (api.get(f"/receipts/{each}{what}", user="lee") for each in (receipt, "0000-0000"))
    assert foreign.status_code == none.status_code == 404
    assert foreign.json["error"]["code"] == none.json["error"]["code"]


def test_an_instructor_of_another_university_sees_nothing(sqlite_api, sqlite_campus) -> None:
    receipt = sqlite_api.submit({"a.ipynb": NOTEBOOK}).json["receipt_id"]
    sqlite_campus.person("park", Role.INSTRUCTOR, "inje")
    assert sqlite_api.get(f"/receipts/{receipt}", user="park").status_code == 404
    assert sqlite_api.get(f"{A01}/collection", user="park").json["attempts"] == []


def test_a_teachers_look_is_written_down(api, campus) -> None:
    receipt = api.submit({"a.ipynb": NOTEBOOK}).json["receipt_id"]
    teacher = campus.person("park", Role.INSTRUCTOR)
    assert api.get(f"/receipts/{receipt}/files", user="park").status_code == 200
    event = campus.get(AuditEvent, action="attempt.downloaded")
    assert (event.actor_person_id, event.subject_id) == (teacher, receipt)
    assert event.subject_person_id is not None
    assert event.request_id


def test_ones_own_look_is_not(sqlite_api, sqlite_campus) -> None:
    receipt = sqlite_api.submit({"a.ipynb": NOTEBOOK}).json["receipt_id"]
    sqlite_api.get(f"/receipts/{receipt}")
    assert sqlite_campus.count(AuditEvent, subject_type="attempt") == 0


def test_collecting_gives_the_newest_or_all_and_is_written_down(api, campus) -> None:
    for number in range(2):
        api.submit({"a.ipynb": NOTEBOOK + b" " * number}, key=f"key-{number:08}")
    campus.person("park", Role.INSTRUCTOR)
    newest = api.get(f"{A01}/collection", user="park").json["attempts"]
    every = api.get(f"{A01}/collection?which=all", user="park").json["attempts"]
    assert [(each["username"], each["number"]) for each in newest] == [("kim", 2)]
    assert [each["number"] for each in every] == [1, 2]
    assert campus.count(AuditEvent, action="attempts.collected") == 2


def test_students_cannot_collect_or_stage(sqlite_api) -> None:
    assert sqlite_api.get(f"{A01}/collection").status_code == 403
    body = {"files": wire_files({"a.ipynb": NOTEBOOK})}
    assert sqlite_api.call("POST", f"{A01}/versions", json=body).status_code == 403


def test_a_release_carries_ones_own_seed_and_is_remembered(api, campus) -> None:
    campus.person("lee")
    seeds = []
    for user in ("kim", "lee", "kim"):
        answer = api.get(f"{A01}/release", user=user)
        assert set(files_of(answer)) == {"a.ipynb", "data.csv", LEARNER_FILE}
        seeds.append(files_of(answer)[LEARNER_FILE])
    assert seeds[0] == seeds[2] != seeds[1]
    assert campus.count(AssignmentFetch) == 2


def test_lists_show_what_there_is(api) -> None:
    assert [each["slug"] for each in api.get("/courses").json["courses"]] == ["ai"]
    listed = api.get("/courses/ai/assignments").json["assignments"]
    assert [(each["slug"], each["status"], each["points"]) for each in listed] == [("a01", "released", 10.0)]
    api.get(f"{A01}/release")
    assert api.get("/courses/ai/assignments").json["assignments"][0]["status"] == "fetched"
    api.submit({"a.ipynb": NOTEBOOK})
    assert api.get("/courses/ai/assignments").json["assignments"][0]["status"] == "submitted"


def test_me_says_what_is_next_and_what_came_back(api, campus) -> None:
    api.submit({"a.ipynb": NOTEBOOK})
    campus.grade(score=7.0)
    course = api.get("/me").json["courses"][0]
    assert course["last_receipt"]["status"] == "graded"
    assert (course["newest_score"]["score"], course["newest_score"]["max_score"]) == (7.0, 10.0)
    assert course["next_deadline"]["assignment"] == "a01"


def test_me_carries_the_name_also_of_people_whose_records_were_merged(sqlite_api, sqlite_campus) -> None:
    assert sqlite_api.get("/me").json["person"] == {"username": "kim", "name": "Kim"}
    survivor, merged = sqlite_campus.person("lee"), sqlite_campus.person("park")
    with sqlite_campus.database.writing() as session:
        session.get_one(Person, merged).merged_into_id = survivor
    assert sqlite_api.get("/me", user="park").json["person"] == {"username": "park", "name": "Lee"}


def test_me_and_the_receipt_name_the_same_score_and_what_a_person_still_grades(sqlite_api, sqlite_campus) -> None:
    with sqlite_campus.database.writing() as session:
        session.execute(sa.update(AssignmentVersion).values(manual_max_score=5.0))
    sqlite_api.submit({"a.ipynb": NOTEBOOK})
    sqlite_campus.grade(score=10.0)
    course = sqlite_api.get("/me").json["courses"][0]
    keys = ("score", "max_score", "manual_max_score", "manual_pending")
    assert [course["newest_score"][key] for key in keys] == [10.0, 10.0, 5.0, True]
    assert [course["last_receipt"][key] for key in keys] == [10.0, 10.0, 5.0, True]
    assert course["newest_score"]["counted_score"] is None
    listed = sqlite_api.get("/courses/ai/assignments").json["assignments"][0]
    assert (listed["points"], listed["manual_points"]) == (10.0, 5.0)


def test_an_unchanged_receipt_costs_a_304(sqlite_api) -> None:
    receipt = sqlite_api.submit({"a.ipynb": NOTEBOOK}).json["receipt_id"]
    first = sqlite_api.get(f"/receipts/{receipt}")
    again = sqlite_api.get(f"/receipts/{receipt}", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_feedback_waits_for_grading_and_then_is_there(sqlite_api, sqlite_campus) -> None:
    receipt = sqlite_api.submit({"a.ipynb": NOTEBOOK}).json["receipt_id"]
    assert sqlite_api.get(f"/receipts/{receipt}/feedback").status_code == 409
    sqlite_campus.grade()
    assert list(files_of(sqlite_api.get(f"/receipts/{receipt}/feedback"))) == ["feedback.html"]


def test_hub_events_need_the_hubs_own_token(api, campus) -> None:
    event = {"event": "started", "username": "kim", "session_id": "s-1", "at": "2026-11-22T01:00:00+00:00"}
    assert api.call("POST", "/internal/hub-events", json=event).status_code == 401
    headers = {"Authorization": f"Bearer {api.service_token()}"}
    for each in (event, event, event | {"event": "stopped", "at": "2026-11-22T02:00:00+00:00"}):
        assert api.call("POST", "/internal/hub-events", user=None, json=each, headers=headers).status_code == 200
    row = campus.get(ServerSession)
    assert (row.stopped_at - row.started_at).total_seconds() == 3600
    assert row.person_id is not None


def test_only_the_hub_hears_who_is_in_which_group(sqlite_api, sqlite_campus) -> None:
    assert sqlite_api.get("/internal/hub-groups/kim").status_code == 401
    headers = {"Authorization": f"Bearer {sqlite_api.service_token()}"}
    for username, groups in (("kim", ["course:ai:student", "role:student"]), ("nobody", [])):
        answer = sqlite_api.get(f"/internal/hub-groups/{username}", user=None, headers=headers)
        assert answer.json == {"groups": groups}


def test_health_needs_no_token(sqlite_api) -> None:
    assert sqlite_api.get("/health", user=None).json["status"] == "ok"
    assert sqlite_api.get("/health/ready", user=None).json == {"status": "ok", "database": True, "hub": True}


def test_an_unknown_address_is_answered_as_json(sqlite_api) -> None:
    assert sqlite_api.get("/nowhere").json["error"]["code"] == "not_found"


def test_a_good_request_id_is_kept_and_a_bad_one_replaced(sqlite_api) -> None:
    assert sqlite_api.get("/me", headers={"X-Request-ID": "abcdef-123456"}).headers["X-Request-ID"] == "abcdef-123456"
    assert sqlite_api.get("/me", headers={"X-Request-ID": "<script>"}).headers["X-Request-ID"] != "<script>"
