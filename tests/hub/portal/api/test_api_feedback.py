"""Feedback over HTTP: visible checks at once, what hidden tests found when the policy allows it."""

import base64
import json
from datetime import timedelta

from graders.contract import CellReport, Isolation, Outcome, RebuiltNotebook, Text
from hub.portal.services import queue

NOTEBOOK = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}).encode()


def cell(grade_id: str, message: str, *, hidden: bool) -> CellReport:
    return CellReport(
        notebook="a.ipynb",
        grade_id=grade_id,
        points=5,
        max_points=5,
        outcome=Outcome.PASSED,
        isolation=Isolation.ISOLATED,
        hidden=hidden,
        message=Text(ko=message, en=message),
    )


def graded_receipt(api, campus) -> str:
    receipt = api.submit({"a.ipynb": NOTEBOOK}).json["receipt_id"]
    with campus.database.writing() as session:
        held = queue.claim(session, "w", campus.now)
        cells = (cell("open", "open-words", hidden=False), cell("secret", "secret-words", hidden=True))
        notebooks = (RebuiltNotebook(path="a.ipynb", content=NOTEBOOK.decode()),)
        report = campus.report(held.request_digest).model_copy(update={"cells": cells, "notebooks": notebooks})
        queue.finish(session, held, report, "w", campus.now)
    return receipt


def pages(api, receipt: str) -> str:
    files = api.get(f"/receipts/{receipt}/feedback").json["files"]
    return "".join(base64.b64decode(file["content"]).decode() for file in files)


def test_before_due_only_visible_checks_are_told(sqlite_api, sqlite_campus) -> None:
    text = pages(sqlite_api, graded_receipt(sqlite_api, sqlite_campus))
    assert "open" in text
    assert "secret" not in text


def test_after_due_everything_is_told(sqlite_api, sqlite_campus, monkeypatch) -> None:
    receipt = graded_receipt(sqlite_api, sqlite_campus)
    monkeypatch.setattr("hub.portal.web.utc_now", lambda: sqlite_campus.now + timedelta(days=30))
    assert "secret" in pages(sqlite_api, receipt)
