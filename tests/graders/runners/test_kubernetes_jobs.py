"""The keeper of grading Jobs: as many as the demand needs, none for ever, and every trouble of the cluster survived."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from graders.contract import Fault, GradeReport, ReportState
from graders.runners import kubernetes_jobs
from graders.runners.job_manifest import GradingPods, PodSize, Shards
from graders.runners.kubernetes import RunnerOptions
from graders.runners.kubernetes_api import ClusterError, QuotaError
from graders.runners.kubernetes_jobs import JobPods, JobRunner
from tests.graders.runners.test_local import job

PODS = GradingPods(namespace="grading", image="i:1", size=PodSize(slots=2))


@dataclass
class Recorded:
    """Stands for a cluster that runs no pod: what is made, and in which state a test puts it."""

    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    ready: set[str] = field(default_factory=set)
    trouble: list[ClusterError] = field(default_factory=list)
    warning: str = ""

    def create_job(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.trouble:
            raise self.trouble[0]
        self.made[body["metadata"]["name"]] = body | {"metadata": body["metadata"] | {"uid": "u"}}
        return self.made[body["metadata"]["name"]]

    def create_secret(self, body: dict[str, Any]) -> None:
        self.secrets.append(body)

    def delete_job(self, name: str) -> None:
        self.deleted.append(name)

    def jobs(self, _selector: str) -> list[dict[str, Any]]:
        return list(self.made.values())

    def pods(self, _selector: str) -> list[dict[str, Any]]:
        status = {"podIP": "127.0.0.1", "conditions": [{"type": "Ready", "status": "True"}]}
        return [{"metadata": {"labels": {"job-name": name}}, "status": status} for name in sorted(self.ready)]

    def last_warning(self, _name: str) -> str:
        return self.warning


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes_jobs, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(kubernetes_jobs, "_PAUSE_AFTER_ERROR_SECONDS", 0.01)


@pytest.fixture
def make() -> Iterator[Callable[..., JobPods]]:
    made: list[JobPods] = []

    def build(cluster: Recorded, most: int = 3, shards: Shards | None = None, **rest: float) -> JobPods:
        made.append(JobPods(cluster, PODS, shards or Shards(), most, **rest))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for each in made:
        each.close()


def eventually(check: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(("wanted", "jobs"), [(0, 0), (1, 1), (2, 1), (3, 2), (6, 3), (50, 3)])
def test_there_are_as_many_jobs_as_the_demand_needs_and_no_more(
    make: Callable[..., JobPods], wanted: int, jobs: int
) -> None:
    cluster = Recorded()
    pods = make(cluster)
    with pods._changed:
        pods._wanted = wanted
        pods._changed.notify()
    eventually(lambda: len(cluster.secrets) >= jobs)
    time.sleep(0.1)
    assert len(cluster.made) == jobs


def test_each_job_has_a_key_of_its_own_that_goes_with_it(make: Callable[..., JobPods]) -> None:
    cluster = Recorded()
    pods = make(cluster)
    with pods.demand(), pods.demand(), pods.demand():
        eventually(lambda: len(cluster.secrets) == 2)
    owners = [each["metadata"]["ownerReferences"][0]["name"] for each in cluster.secrets]
    assert owners == list(cluster.made)
    assert len({each["stringData"]["tls.key"] for each in cluster.secrets}) == 2


def test_a_ready_pod_is_a_place_and_an_ended_job_makes_room_for_a_new_one(make: Callable[..., JobPods]) -> None:
    cluster = Recorded()
    pods = make(cluster, most=1)
    with pods.demand():
        eventually(lambda: cluster.secrets)
        (first,) = cluster.made
        cluster.ready.add(first)
        eventually(pods.places)
        cluster.made[first]["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}
        cluster.ready.clear()
        eventually(lambda: len(cluster.made) == 2)
    assert pods.places() == []


def test_a_pod_near_its_deadline_takes_no_more_work(make: Callable[..., JobPods]) -> None:
    cluster = Recorded()
    pods = make(cluster, shards=Shards(deadline_seconds=60), submission_seconds=59.0)
    with pods.demand():
        eventually(lambda: cluster.secrets)
        cluster.ready |= set(cluster.made)
        time.sleep(1.3)
        assert pods.places() == []


def test_closing_removes_every_job(make: Callable[..., JobPods]) -> None:
    cluster = Recorded()
    pods = make(cluster)
    with pods.demand():
        eventually(lambda: cluster.secrets)
    pods.close()
    assert cluster.deleted == list(cluster.made)


@pytest.mark.parametrize("error", [QuotaError("exceeded quota: grading"), ClusterError("503: etcd")])
def test_a_cluster_without_room_is_our_fault_and_said_to_staff(
    make: Callable[..., JobPods], error: ClusterError
) -> None:
    cluster = Recorded(trouble=[error])
    pods = make(cluster)
    with pods.demand():
        eventually(pods.problem)
    report = JobRunner(pods, None, RunnerOptions(unreachable_seconds=0.5)).grade(*job("x = 1"))
    assert (report.state, report.fault, report.score) == (ReportState.NOT_GRADED, Fault.PLATFORM, None)
    assert report.staff_reason == str(error)


def test_a_pod_that_is_not_admitted_is_said_to_staff(make: Callable[..., JobPods]) -> None:
    cluster = Recorded(warning="pods is forbidden: exceeded quota")
    pods = make(cluster)
    with pods.demand():
        eventually(pods.problem)
    runner = JobRunner(pods, None, RunnerOptions(unreachable_seconds=0.5))
    assert runner.grade(*job("x = 1")).staff_reason == "pods is forbidden: exceeded quota"


def test_work_goes_on_when_the_trouble_has_passed(make: Callable[..., JobPods]) -> None:
    cluster = Recorded(trouble=[ClusterError("500")])
    pods = make(cluster)
    found: list[GradeReport] = []
    runner = JobRunner(pods, None, RunnerOptions(unreachable_seconds=30))
    cancel = threading.Event()
    thread = threading.Thread(target=lambda: found.append(runner.grade(*job("x = 1"), cancel=cancel)))
    thread.start()
    eventually(pods.problem)
    cluster.trouble.clear()
    eventually(lambda: cluster.secrets)
    cancel.set()
    thread.join(20)
    assert found[0].fault is Fault.NOBODY


def test_the_keeper_outlives_an_error_of_its_own(make: Callable[..., JobPods], monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Recorded()
    pods = make(cluster)
    broken = [KeyError("status")]

    def jobs(_selector: str) -> list[dict[str, Any]]:
        if broken:
            raise broken.pop()
        return list(cluster.made.values())

    monkeypatch.setattr(cluster, "jobs", jobs)
    with pods.demand():
        eventually(lambda: not broken)
        cluster.ready |= set(cluster.made)
        eventually(pods.places)
