"""What tests of grading on a cluster share: small pods, a room for them, and a key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from graders.runners.job_manifest import GradingPods, PodSize, WorkerPods
from graders.runners.job_manifest_room import Quota, make_room
from graders.runners.serve_keys import make_key_pair
from tests.cluster.conftest import Namespace

SMALL = PodSize(slots=2, cpu_request="100m", memory_request="512Mi", memory_limit="5Gi", scratch="1Gi", processes=400)
KEYS = make_key_pair(timedelta(hours=2))
WORKER = {"app.kubernetes.io/name": "axcampus-worker"}


def grading_pods(namespace: Namespace, images: dict[str, str], **changes: Any) -> GradingPods:
    values = {"size": SMALL, "preload": (), "grace_seconds": 5} | changes
    return GradingPods(namespace=namespace.name, image=images["campus"], **values)


def open_room(namespace: Namespace, pods: GradingPods, quota: Quota) -> None:
    worker = WorkerPods(
        namespace_labels={"kubernetes.io/metadata.name": namespace.name}, labels=WORKER, namespace=namespace.name
    )
    namespace.apply(*make_room(pods, worker, quota, with_namespace=False))
