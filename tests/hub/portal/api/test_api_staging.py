"""Staging over the API: new names make an assignment that nobody sees yet; the same bytes make one version."""

import json

import pytest

from graders.exchange.wire import wire_files
from hub.portal.models import Assignment, AssignmentVersion, AuditEvent, DeadlineRule, Job, Role, VersionState


def source(text: str = "1 + 1") -> dict[str, object]:
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    return {"files": wire_files({"a.ipynb": json.dumps(notebook).encode()})}


def stage(api, slug: str, user: str = "park", course: str = "ai", text: str = "1 + 1"):
    return api.call("POST", f"/courses/{course}/assignments/{slug}/versions", user=user, json=source(text))


def test_a_new_name_makes_an_assignment_that_students_do_not_see_yet(api, campus) -> None:
    campus.person("park", Role.INSTRUCTOR)
    answer = stage(api, "quiz-1")
    assert answer.status_code == 201
    assert answer.json["portal_url"].endswith("/teach/ai/quiz-1/versions/1")
    made = campus.get(Assignment, slug="quiz-1")
    assert (made.title_ko, made.position) == ("quiz-1", 1)
    assert campus.get(AssignmentVersion, assignment_id=made.id).state is VersionState.STAGED
    assert campus.count(DeadlineRule, assignment_id=made.id) == campus.count(DeadlineRule) / 2
    assert campus.count(AuditEvent, action="assignment.created") == 1
    assert [each["slug"] for each in api.get("/courses/ai/assignments").json["assignments"]] == ["a01"]
    assert api.get("/courses/ai/assignments/quiz-1/release").status_code == 404


def test_the_same_bytes_again_are_the_same_version_and_other_bytes_are_not(sqlite_api, sqlite_campus) -> None:
    sqlite_campus.person("park", Role.INSTRUCTOR)
    versions = [stage(sqlite_api, "quiz-1", text=text).json["version"] for text in ("1", "1", "2")]
    assert versions == [1, 1, 2]
    assert sqlite_campus.count(Assignment) == 2
    assert sqlite_campus.count(Job) == 2


def test_students_make_no_assignments(sqlite_api, sqlite_campus) -> None:
    assert stage(sqlite_api, "quiz-1", user="kim").status_code == 403
    assert sqlite_campus.count(Assignment) == 1


def test_a_course_that_one_does_not_teach_gets_no_assignments(sqlite_api, sqlite_campus) -> None:
    sqlite_campus.person("park", Role.INSTRUCTOR)
    assert stage(sqlite_api, "quiz-1", course="other").status_code == 404
    assert sqlite_campus.count(Assignment) == 1


@pytest.mark.parametrize("slug", ["-quiz", ".quiz", "quiz%20one", "%EA%B3%BC%EC%A0%9C", "q" * 81, "a@b"])
def test_a_name_that_is_no_folder_name_is_refused_in_words(sqlite_api, sqlite_campus, slug) -> None:
    sqlite_campus.person("park", Role.INSTRUCTOR)
    answer = stage(sqlite_api, slug)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "bad_assignment_name")
    assert sqlite_campus.count(Assignment) == 1
