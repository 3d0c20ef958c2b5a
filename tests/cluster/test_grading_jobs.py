"""Bulk and GPU grading on a real cluster: Jobs that come with the work, a full quota, lost pods, no leftovers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from graders.contract import Fault, ReportState
from graders.runners.job_manifest import PodSize, Shards
from graders.runners.job_manifest_room import Quota
from graders.runners.kubernetes import RunnerOptions
from graders.runners.kubernetes_api import Cluster
from graders.runners.kubernetes_jobs import JobPods, JobRunner
from tests.cluster.conftest import Namespace
from tests.cluster.grading_room import SMALL, grading_pods, open_room
from tests.graders.runners.test_local import in_background, job, report_of

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

HONEST = "x = 1"
HOSTILE = (
    "x = 1 if open('/run/axcampus/keys/tls.key').read() else 0",
    "import socket\nsocket.create_connection(('kubernetes.default', 443), 3)\nx = 1",
    "import os\nfor pid in range(1, 400):\n    os.kill(pid, 9) if pid != os.getpid() else None\nx = 1",
)
SHARDS = Shards(gradings=50, deadline_seconds=600, idle_seconds=20, kept_seconds=0)


@pytest.fixture(scope="module")
def room(make_namespace: Callable[..., Namespace], images: dict[str, str]) -> Namespace:
    namespace = make_namespace("jobs")
    open_room(namespace, grading_pods(namespace, images), Quota(gpus={"nvidia.com/gpu": 2}))
    return namespace


@contextmanager
def running(
    namespace: Namespace,
    images: dict[str, str],
    kubeconfig: Path,
    *,
    size: PodSize = SMALL,
    shards: Shards = SHARDS,
    patience: float = 150,
) -> Iterator[JobRunner]:
    cluster = Cluster(namespace.name, kubeconfig)
    pods = JobPods(cluster, grading_pods(namespace, images, size=size), shards, most=2, submission_seconds=100)
    options = RunnerOptions(tries=3, unreachable_seconds=patience, look_seconds=0.2)
    with JobRunner(pods, None, options) as runner:
        yield runner


def eventually(check: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_a_job_grades_an_honest_and_three_hostile_submissions_and_leaves_nothing(
    room: Namespace, images: dict[str, str], kubeconfig: Path
) -> None:
    with running(room, images, kubeconfig) as runner, ThreadPoolExecutor(4) as threads:
        reports = list(threads.map(lambda answer: runner.grade(*job(answer)), [HONEST, *HOSTILE]))
        assert [report.score for report in reports] == [1, 0, 0, 0]
        assert 1 <= len(room.get("jobs")) <= 2
    eventually(lambda: not room.get("jobs") and not room.get("pods"))
    eventually(lambda: not [each for each in room.get("secrets") if each["type"] == "kubernetes.io/tls"])


def test_a_gpu_job_gets_its_gpu(room: Namespace, images: dict[str, str], kubeconfig: Path) -> None:
    size = SMALL.model_copy(update={"extra": {"nvidia.com/gpu": "1"}})
    with running(room, images, kubeconfig, size=size) as runner:
        assert runner.grade(*job(HONEST)).score == 1
        (pod,) = room.get("pods", "--field-selector=status.phase=Running")
        assert pod["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "1"


def test_a_job_pod_that_is_killed_while_it_grades_costs_no_score(
    room: Namespace, images: dict[str, str], kubeconfig: Path
) -> None:
    with running(room, images, kubeconfig) as runner:
        assert runner.grade(*job(HONEST)).score == 1
        thread = in_background(runner, job("import time; time.sleep(15); x = 1"))
        room.kubectl("delete", "pods", "--all", "--force", "--grace-period=0")
        thread.join(200)
        assert (report_of(thread).state, report_of(thread).score) == (ReportState.GRADED, 1)


def test_a_full_quota_is_our_fault_and_grading_goes_on_when_there_is_room(
    make_namespace: Callable[..., Namespace], images: dict[str, str], kubeconfig: Path
) -> None:
    full = make_namespace("quota")
    open_room(full, grading_pods(full, images), Quota())
    full.kubectl("patch", "resourcequota", "axcampus-grader", "--type=merge", "-p", '{"spec":{"hard":{"pods":"0"}}}')
    with running(full, images, kubeconfig, patience=8) as runner:
        report = runner.grade(*job(HONEST))
        assert (report.state, report.fault, report.score) == (ReportState.NOT_GRADED, Fault.PLATFORM, None)
        assert "exceeded quota" in (report.staff_reason or "")
    full.kubectl("patch", "resourcequota", "axcampus-grader", "--type=merge", "-p", '{"spec":{"hard":{"pods":"5"}}}')
    with running(full, images, kubeconfig) as runner:
        assert runner.grade(*job(HONEST)).score == 1


def test_what_a_killed_worker_leaves_behind_removes_itself(
    room: Namespace, images: dict[str, str], kubeconfig: Path
) -> None:
    cluster = Cluster(room.name, kubeconfig)
    pods = JobPods(cluster, grading_pods(room, images), SHARDS, most=1, submission_seconds=100)
    with pods.demand():
        eventually(pods.places, 150)
    pods._shards.clear()  # a worker that was killed forgets; nobody deletes the Job
    pods.close()
    cluster.close()
    assert room.get("jobs")
    eventually(lambda: not room.get("jobs") and not room.get("pods"))
