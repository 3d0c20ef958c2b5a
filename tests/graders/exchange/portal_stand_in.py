"""A small real HTTP server that honours the REST contract of docs/architecture.md, for tests of the client side.

It keeps what was sent and can be told to misbehave: drop the answer after accepting, answer 503, answer garbage.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

from graders.files import canonical_json, sha256_hex

COURSE = "manufacturing-ai"
ASSIGNMENT = "a03"
TOKENS = {"student-token": ("kim", "student"), "teacher-token": ("lee", "instructor")}
NOTEBOOK = json.dumps(
    {
        "cells": [{"id": "a", "cell_type": "markdown", "metadata": {}, "source": "# 밀링 고장 예측"}],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
).encode()


@dataclass
class PortalState:
    """What the stand-in knows, and how it is told to fail (each failure is used once)."""

    version: int = 1
    title_ko: str = "밀링 고장 예측"
    has_second_assignment: bool = False
    release: dict[str, bytes] = field(
        default_factory=lambda: {"a03.ipynb": NOTEBOOK, "data/x.csv": b"1,2\n", "learner.json": b'{"seed": 7}'}
    )
    attempts: list[dict[str, Any]] = field(default_factory=list)
    uploads: dict[str, dict[str, bytes]] = field(default_factory=dict)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    staged: list[dict[str, bytes]] = field(default_factory=list)
    staged_state: str = "staged"
    feedback: dict[str, dict[str, bytes]] = field(default_factory=dict)
    fetches: int = 0
    calls: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    team: dict[str, Any] | None = None

    def grade(self, receipt_id: str, score: float) -> None:
        """Pretend that the worker stored a report."""
        receipt = next(one for one in self.attempts if one["receipt_id"] == receipt_id)
        receipt.update(status="graded", score=score, max_score=10.0)
        self.feedback[receipt_id] = {"a03.html": f"<h1>{score}</h1>".encode()}


def make_app(state: PortalState) -> Flask:
    """The routes of the contract that a notebook server uses."""
    app = Flask("stand-in")

    @app.before_request
    def check_token() -> None:
        state.calls.append(f"{request.method} {request.path}")
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in TOKENS:
            abort(error(401, "bad_token", "로그인이 필요합니다.", "Sign in first."))

    @app.get("/api/v1/me")
    def me() -> Response:
        last = [one for one in state.attempts if one["username"] == who()[0]][-1:]
        scores = [one for one in last if one.get("score") is not None]
        course = {
            "slug": COURSE,
            "title_ko": "제조 AI",
            "title_en": "Manufacturing AI",
            "role": who()[1],
            "next_deadline": {
                "assignment": ASSIGNMENT,
                "title_ko": state.title_ko,
                "title_en": "Milling failure",
                "due_at": (datetime.now(UTC) + timedelta(hours=3, minutes=20)).replace(second=0).isoformat(),
            },
            "last_receipt": last[0] if last else None,
            "newest_score": {"assignment": ASSIGNMENT, **scores[0]} if scores else None,
        }
        body = {
            "person": {"username": who()[0], "name": "김하나"},
            "roles": [who()[1]],
            "portal_url": request.host_url,
            "courses": [course],
        }
        return with_etag(body)

    @app.get("/api/v1/courses")
    def courses() -> Response:
        one = {"slug": COURSE, "title_ko": "제조 AI", "title_en": "Manufacturing AI", "role": who()[1]}
        return jsonify(courses=[one])

    @app.get("/api/v1/courses/<course>/assignments")
    def assignments(course: str) -> Response:
        known_course(course)
        own = [one for one in reversed(state.attempts) if one["username"] == who()[0]]
        status = "submitted" if own else "fetched" if state.fetches else "released"
        item = {
            "slug": ASSIGNMENT,
            "title_ko": state.title_ko,
            "title_en": "Milling failure",
            "status": status,
            "version": state.version,
            "due_at": "2026-12-01T18:00:00+09:00",
            "closes_at": None,
            "points": 10,
            "attempts": own,
        }
        other = {
            **item,
            "slug": "a04",
            "title_ko": "베어링 진단",
            "title_en": "Bearings",
            "status": "released",
            "attempts": [],
        }
        return jsonify(assignments=[item, *([other] if state.has_second_assignment else [])])

    @app.get("/api/v1/courses/<course>/assignments/<assignment>/release")
    def release(course: str, assignment: str) -> Response:
        known(course, assignment)
        state.fetches += 1
        return jsonify(course=course, assignment=assignment, version=state.version, files=encoded(state.release))

    @app.post("/api/v1/courses/<course>/assignments/<assignment>/attempts")
    def submit(course: str, assignment: str) -> tuple[Response, int]:
        known(course, assignment)
        failure = state.failures.pop(0) if state.failures else ""
        if failure == "unavailable":
            abort(error(503, "unavailable", "잠시 뒤 다시 시도해 주십시오.", "Try again in a moment."))
        if failure.startswith("busy "):
            busy = error(429, "busy", "너무 잦습니다. 내일 다시 제출해 주십시오.", "Too often; again tomorrow.")
            busy.headers["Retry-After"] = failure.removeprefix("busy ")
            abort(busy)
        if failure == "closed":
            abort(error(409, "closed", "마감되었습니다. 접수하지 않았습니다.", "Closed; nothing was accepted."))
        if failure == "redirect":
            abort(Response(status=307, headers={"Location": f"{request.host_url}elsewhere"}))
        if failure == "garbage":
            return Response("<html>proxy</html>", 502), 502
        key = request.headers["Idempotency-Key"]
        was_seen = key in state.keys
        receipt = state.keys.setdefault(key, {}) or accept(state, key, course, assignment)
        if failure == "drop the answer":
            raise ConnectionAbortedError
        return jsonify(receipt), 200 if was_seen else 201

    @app.get("/api/v1/courses/<course>/assignments/<assignment>/attempts")
    def attempts(course: str, assignment: str) -> Response:
        known(course, assignment)
        return jsonify(attempts=[one for one in reversed(state.attempts) if one["username"] == who()[0]])

    @app.get("/api/v1/receipts/<receipt_id>")
    def receipt(receipt_id: str) -> Response:
        return with_etag(own_receipt(state, receipt_id))

    @app.get("/api/v1/receipts/<receipt_id>/files")
    def files(receipt_id: str) -> Response:
        own_receipt(state, receipt_id)
        return jsonify(files=encoded(state.uploads[receipt_id]))

    @app.get("/api/v1/receipts/<receipt_id>/feedback")
    def feedback(receipt_id: str) -> Response:
        own_receipt(state, receipt_id)
        return jsonify(files=encoded(state.feedback[receipt_id]))

    add_staff_routes(app, state)
    return app


def add_staff_routes(app: Flask, state: PortalState) -> None:
    @app.post("/api/v1/courses/<course>/assignments/<assignment>/versions")
    def stage(course: str, assignment: str) -> tuple[Response, int]:
        if who()[1] != "instructor":
            abort(error(403, "forbidden", "강의자만 올릴 수 있습니다.", "Only instructors may upload."))
        state.staged.append(decoded(request.get_json()["files"]))
        url = f"{request.host_url}courses/{course}/{assignment}"
        return jsonify(version=len(state.staged) + 1, state=state.staged_state, portal_url=url), 201

    @app.get("/api/v1/courses/<course>/assignments/<assignment>/collection")
    def collection(course: str, assignment: str) -> Response:
        if who()[1] != "instructor":
            abort(error(403, "forbidden", "강의자만 모을 수 있습니다.", "Only instructors may collect."))
        chosen = state.attempts if request.args["which"] == "all" else state.attempts[-1:]
        return jsonify(attempts=chosen)


def accept(state: PortalState, key: str, course: str, assignment: str) -> dict[str, Any]:
    body = request.get_json()
    files = decoded(body["files"])
    number = len(state.attempts) + 1
    receipt_id = f"7F3K-{number:04d}"
    receipt = {
        "receipt_id": receipt_id,
        "course": course,
        "assignment": assignment,
        "version": body.get("version", state.version),
        "number": number,
        "received_at": datetime(2026, 11, 22, 9, 0, number, 123456, tzinfo=UTC).isoformat(),
        "digest": sha256_hex(canonical_json({path: sha256_hex(data) for path, data in files.items()})),
        "files": [{"path": path, "digest": sha256_hex(data), "size": len(data)} for path, data in files.items()],
        "is_late": False,
        "late_text": {"ko": "제시간에 냈습니다.", "en": "On time."},
        "status": "queued",
        "queue_position": 3,
        "warnings": [],
        "portal_url": f"{request.host_url}receipts/{receipt_id}",
        "username": who()[0],
        "team": state.team,
    }
    state.attempts.append(receipt)
    state.uploads[receipt_id] = files
    state.keys[key] = receipt
    return receipt


def who() -> tuple[str, str]:
    return TOKENS[request.headers["Authorization"].removeprefix("Bearer ")]


def known_course(course: str) -> None:
    if course != COURSE:
        abort(error(404, "no_course", "등록된 과정이 아닙니다.", "You are not enrolled in that course."))


def known(course: str, assignment: str) -> None:
    known_course(course)
    if assignment != ASSIGNMENT:
        abort(error(404, "no_assignment", "그런 과제가 없습니다.", "There is no such assignment."))


def own_receipt(state: PortalState, receipt_id: str) -> dict[str, Any]:
    username, role = who()
    for one in state.attempts:
        if one["receipt_id"] == receipt_id and (one["username"] == username or role == "instructor"):
            return one
    return abort(error(404, "no_receipt", "그런 접수번호가 없습니다.", "There is no such receipt."))


def error(status: int, code: str, ko: str, en: str) -> Response:
    response = jsonify(error={"code": code, "ko": ko, "en": en, "request_id": "req-1"})
    response.status_code = status
    return response


def with_etag(body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.set_etag(hashlib.sha256(response.data).hexdigest())
    return response.make_conditional(request)


def encoded(files: dict[str, bytes]) -> list[dict[str, str]]:
    return [{"path": path, "content": base64.b64encode(data).decode()} for path, data in files.items()]


def decoded(files: list[dict[str, str]]) -> dict[str, bytes]:
    return {one["path"]: base64.b64decode(one["content"]) for one in files}


class QuietHandler(WSGIRequestHandler):
    """No log lines; a ConnectionAbortedError in a view closes the socket without an answer."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        pass

    def run_wsgi(self) -> None:
        app = self.server.app

        def dropping(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            try:
                return app(environ, start_response)
            except ConnectionAbortedError:
                self.close_connection = True
                raise

        self.server.app = dropping
        try:
            super().run_wsgi()
        finally:
            self.server.app = app


@dataclass
class RunningPortal:
    """A stand-in on a free port of the loopback interface."""

    state: PortalState
    base: str

    def environment(self, token: str = "student-token") -> dict[str, str]:
        return {"AXCAMPUS_PORTAL_API": self.base, "JUPYTERHUB_API_TOKEN": token}


class PortalThread:
    """Context manager: serves on a thread until the block ends."""

    def __init__(self) -> None:
        self.state = PortalState()
        app = make_app(self.state)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> RunningPortal:
        self._thread.start()
        return RunningPortal(self.state, f"http://127.0.0.1:{self._server.server_port}/api/v1")

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
