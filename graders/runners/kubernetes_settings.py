"""Where a worker on a cluster finds its grading pods: plain facts in, runners out."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from graders.contract import Frozen
from graders.environment import environment_digest
from graders.runners.job_manifest import GradingPods, Shards
from graders.runners.kubernetes import KubernetesRunner
from graders.runners.kubernetes_api import Cluster
from graders.runners.kubernetes_jobs import JobPods, JobRunner
from graders.runners.kubernetes_places import ServiceName
from graders.runners.serve_keys import client_context, load_key_pair
from graders.runners.serve_messages import PORT


class BulkGrading(Frozen):
    """Jobs for regrades: what a pod is, how work is cut, and how many Jobs this worker keeps at a time."""

    pods: GradingPods
    shards: Shards = Shards()
    most: int = Field(default=8, ge=1)
    kubeconfig: Path | None = Field(default=None, description="none inside a pod: its service account")


class ClusterGrading(Frozen):
    """``host`` is the headless Service of the warm pods, ``keys`` the folder that their Secret is mounted at.

    ``at_a_time``: submissions that one worker hands out; pods take as many as they have slots. ``bulk`` None: the
    warm pods do regrades too, after everything live.
    """

    host: str = Field(min_length=1, description="e.g. axcampus-grader.axcampus-grading")
    keys: Path
    port: int = Field(default=PORT, ge=1, le=65535)
    at_a_time: int = Field(default=16, ge=2, le=256)
    bulk: BulkGrading | None = None


def make_live_runner(settings: ClusterGrading) -> KubernetesRunner:
    """Return the runner of live submissions; OSError if the keys are not there, ssl.SSLError if they are none."""
    tls = client_context(load_key_pair(settings.keys))
    return KubernetesRunner(ServiceName(settings.host, settings.port, tls), environment_digest())


def make_bulk_runner(settings: ClusterGrading) -> JobRunner | None:
    """Return the runner of regrades, or None if Jobs are not set."""
    if settings.bulk is None:
        return None
    bulk = settings.bulk
    cluster = Cluster(bulk.pods.namespace, bulk.kubeconfig)
    return JobRunner(JobPods(cluster, bulk.pods, bulk.shards, bulk.most), environment_digest())
