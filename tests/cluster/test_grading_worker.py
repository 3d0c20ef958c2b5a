"""The campus's own worker as a pod: live submissions to warm pods, regrades to Jobs, by nothing but its settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from graders.runners.job_manifest import (
    GradingPods,
    WorkerPods,
    make_deployment,
    make_key_secret,
    make_service,
)
from graders.runners.job_manifest_room import Quota, make_room
from hub.portal.database import Database, migrate
from hub.portal.models import Attempt, Grade, GradeReportRow, GradingTask, TaskKind, TaskState
from hub.portal.services import queue
from hub.portal.services.grading_requests import load_request, put_request
from tests.cluster.conftest import Namespace
from tests.cluster.grading_room import KEYS, WORKER, grading_pods
from tests.cluster.hub_on_cluster import HubOnCluster
from tests.hub.portal.conftest import Campus
from tests.hub.portal.test_worker import RIGHT, hand_in, publish

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(500)]

until = HubOnCluster.until
USER = 1000


@dataclass
class Both:
    """The worker's namespace with its database, and the room of grading."""

    campus: Campus
    home: Namespace
    room: Namespace
    folder: Path

    def settle(self) -> None:
        """Let the worker read and write what this process (root) has written."""
        for path in (self.folder, *self.folder.iterdir()):
            os.chown(path, USER, USER)

    def is_done(self) -> bool:
        with self.campus.database.reading() as session:
            return set(session.scalars(sa.select(GradingTask.state))) <= {TaskState.DONE}


@pytest.fixture(scope="module")
def both(make_namespace: Callable[..., Namespace], images: dict[str, str]) -> Iterator[Both]:
    if os.geteuid() != 0:
        pytest.skip("the worker's volume is filled from outside, which only root can on this cluster")
    home, room = make_namespace("worker"), make_namespace("graders")
    folder = volume(home)
    pods = grading_pods(room, images)
    worker = WorkerPods(namespace_labels={"kubernetes.io/metadata.name": home.name}, labels=WORKER, namespace=home.name)
    room.apply(*make_room(pods, worker, Quota(), with_namespace=False))
    room.apply(make_key_secret(pods, "keys", KEYS), make_service(pods), make_deployment(pods, "keys"))
    url = f"sqlite:///{folder}/axcampus.db"
    migrate(url)
    campus = Campus(Database.at(url))
    campus.open_campus()
    publish(campus)
    made = Both(campus, home, room, folder)
    made.settle()
    home.apply(*worker_objects(home, pods, images["campus"]))
    room.kubectl("rollout", "status", "deployment/axcampus-grader", "--timeout=240s", seconds=250)
    home.wait("condition=Ready", "pod/worker", seconds=200)
    yield made
    campus.database.dispose()


def volume(namespace: Namespace) -> Path:
    """Return the folder of a claim for the database."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "100Mi"}}}
    namespace.apply({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec})
    namespace.wait("jsonpath={.status.phase}=Bound", "pvc/data")
    name = namespace.get("pvc")[0]["spec"]["volumeName"]
    source = next(each for each in namespace.get("pv") if each["metadata"]["name"] == name)["spec"]
    kind = next((source[each] for each in ("hostPath", "local") if each in source), None)
    if kind is None or not Path(kind["path"]).is_dir():
        pytest.skip("the volumes of this cluster are no folders of this machine")
    return Path(kind["path"])


def worker_objects(home: Namespace, pods: GradingPods, image: str) -> list[dict[str, Any]]:
    """The worker: its account, its settings, its half of the key, and one pod as ``restricted`` wants it."""
    grading = {
        "host": f"axcampus-grader.{pods.namespace}.svc.cluster.local",
        "keys": "/run/axcampus/keys",
        "at_a_time": 4,
        "bulk": {"pods": pods.model_dump(mode="json"), "shards": {"idle_seconds": 20}, "most": 1},
    }
    environment = {
        "AXCAMPUS_DATABASE_URL": "sqlite:////data/axcampus.db",
        "AXCAMPUS_GRADING_FILE": "/etc/axcampus/g.yaml",
    }
    container = {
        "name": "worker",
        "image": image,
        "args": ["axcampus", "worker"],
        "env": [{"name": name, "value": value} for name, value in environment.items()],
        "resources": {"limits": {"cpu": "1", "memory": "512Mi"}, "requests": {"cpu": "50m", "memory": "128Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "keys", "mountPath": "/run/axcampus/keys"},
            {"name": "settings", "mountPath": "/etc/axcampus"},
        ],
    }
    volumes = [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "keys", "secret": {"secretName": "keys"}},
        {"name": "settings", "configMap": {"name": "grading"}},
    ]
    security = {"runAsNonRoot": True, "runAsUser": USER, "fsGroup": USER, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"serviceAccountName": "axcampus-worker", "securityContext": security, "containers": [container]}
    own_keys = pods.model_copy(update={"namespace": home.name})
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "axcampus-worker"}},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "grading"},
            "data": {"g.yaml": yaml.safe_dump(grading)},
        },
        make_key_secret(own_keys, "keys", KEYS),
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "worker", "labels": WORKER},
            "spec": spec | {"volumes": volumes},
        },
    ]


def score_of(both: Both, person: int) -> float | None:
    score: float | None = both.campus.get(Grade, person_id=person).score
    return score


def test_a_live_submission_is_graded_in_a_warm_pod(both: Both) -> None:
    person = hand_in(both.campus, "kim", RIGHT)
    both.settle()
    until(both.is_done, 200, "nothing was graded")
    assert score_of(both, person) == 3.0
    assert both.room.get("jobs") == []


def test_a_regrade_is_graded_in_a_job_that_goes_away(both: Both) -> None:
    person = hand_in(both.campus, "lee", "def add(a, b):\n    return 0")
    until(both.is_done, 200, "nothing was graded")
    with both.campus.database.writing() as session:
        attempt = session.scalars(sa.select(Attempt).where(Attempt.person_id == person)).one()
        digest = regrade_request(session, attempt)
        queue.enqueue(session, attempt, digest, TaskKind.REGRADE)
    until(lambda: both.room.get("jobs"), 100, "no Job was made")
    until(both.is_done, 300, "nothing was graded again")
    assert score_of(both, person) == 0.0
    until(lambda: not both.room.get("jobs"), 200, "the Job stayed")


def regrade_request(session: Any, attempt: Attempt) -> str:
    """A request that has no report yet: the same submission with another seed."""
    known = session.scalars(sa.select(GradingTask.request_digest).where(GradingTask.attempt_id == attempt.id)).first()
    assert session.get(GradeReportRow, known) is not None
    return put_request(session, load_request(session, known).model_copy(update={"seed": 12345}))
