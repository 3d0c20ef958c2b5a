"""The calls on the cluster's API while that API is busy, slow, broken or full: a real HTTP server plays it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from graders.runners import kubernetes_api
from graders.runners.kubernetes_api import Cluster, ClusterError, QuotaError

SPEC = {"template": {"spec": {"containers": [{"name": "c"}]}}}
JOB = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": SPEC}
STORED = JOB | {"metadata": {"name": "j", "uid": "1-2-3"}}
ITEMS = {"kind": "JobList", "apiVersion": "batch/v1", "items": [{"metadata": STORED["metadata"], "spec": JOB["spec"]}]}


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    hangs_up: bool = False


@dataclass
class Api:
    """Gives the scripted answers one after the other and remembers what it was asked."""

    url: str = ""
    script: list[Answer] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


def refusal(status: int, message: str = "no", **headers: str) -> Answer:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": status}
    return Answer(status, body, headers)


@pytest.fixture
def api() -> Iterator[Api]:
    played = Api()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            played.asked.append(f"{self.command} {self.path.partition('?')[0].rsplit('/', 1)[-1]}")
            planned = played.script.pop(0)
            time.sleep(planned.seconds)
            if planned.hangs_up:
                self.close_connection = True
                return
            data = json.dumps(planned.body).encode()
            self.send_response(planned.status)
            for name, value in {"Content-Type": "application/json", **planned.headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    played.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield played
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cluster(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setattr(kubernetes_api, "_FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(kubernetes_api, "CALL_SECONDS", 1.0)
    where = {"clusters": [{"name": "c", "cluster": {"server": api.url}}], "users": [{"name": "u", "user": {}}]}
    chosen = {"current-context": "x", "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}]}
    file = tmp_path / "config"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **where, **chosen}))
    made = Cluster("grading", file)
    yield made
    made.close()


PASSING = {
    "429": refusal(429, Retry_After="0"),
    "500": refusal(500),
    "503": refusal(503, "etcdserver: leader changed"),
    "no JSON": Answer(502, "bad gateway"),
    "hangs up": Answer(200, hangs_up=True),
    "too slow": Answer(200, STORED, seconds=1.5),
}


@pytest.mark.parametrize("trouble", PASSING)
def test_what_passes_is_tried_again(api: Api, cluster: Cluster, trouble: str) -> None:
    api.script = [PASSING[trouble], PASSING[trouble], Answer(201, STORED)]
    assert cluster.create_job(JOB)["metadata"]["uid"] == "1-2-3"
    assert api.asked == ["POST jobs"] * 3


def test_an_answer_that_was_lost_does_not_make_two_jobs(api: Api, cluster: Cluster) -> None:
    api.script = [Answer(201, hangs_up=True), refusal(409, "already exists"), Answer(200, ITEMS)]
    job = cluster.create_job(JOB)
    assert (job["kind"], job["metadata"]["uid"]) == ("Job", "1-2-3")
    assert api.asked == ["POST jobs", "POST jobs", "GET jobs"]


def test_patience_has_an_end(api: Api, cluster: Cluster) -> None:
    api.script = [refusal(503)] * kubernetes_api.TRIES
    with pytest.raises(ClusterError, match="503"):
        cluster.jobs("a=b")


def test_a_full_quota_is_told_apart_and_not_asked_again(api: Api, cluster: Cluster) -> None:
    api.script = [refusal(403, "jobs is forbidden: exceeded quota: grading")]
    with pytest.raises(QuotaError, match="exceeded quota"):
        cluster.create_job(JOB)
    assert len(api.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 410, 422])
def test_what_stays_wrong_is_said_at_once(api: Api, cluster: Cluster, status: int) -> None:
    api.script = [refusal(status, "spec.template: Invalid value")]
    with pytest.raises(ClusterError, match="Invalid value"):
        cluster.create_secret({"metadata": {"name": "s"}})
    assert len(api.asked) == 1


def test_a_job_that_is_gone_needs_no_removing(api: Api, cluster: Cluster) -> None:
    api.script = [refusal(404)]
    cluster.delete_job("j")
    assert api.asked == ["DELETE j"]


def test_a_secret_that_is_there_stays(api: Api, cluster: Cluster) -> None:
    api.script = [refusal(409)]
    cluster.create_secret({"metadata": {"name": "s"}})
    assert api.asked == ["POST secrets"]
