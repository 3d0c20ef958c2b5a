"""Where a worker on a cluster finds its grading pods: plain facts in, a runner out."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from graders.contract import Frozen
from graders.environment import environment_digest
from graders.runners.kubernetes import KubernetesRunner
from graders.runners.kubernetes_places import ServiceName
from graders.runners.serve_keys import client_context, load_key_pair
from graders.runners.serve_messages import PORT


class ClusterGrading(Frozen):
    """``host`` is the headless Service of the warm pods, ``keys`` the folder that their Secret is mounted at."""

    host: str = Field(min_length=1, description="e.g. axcampus-grader.axcampus-grading")
    keys: Path
    port: int = Field(default=PORT, ge=1, le=65535)


def make_live_runner(settings: ClusterGrading) -> KubernetesRunner:
    """Return the runner of live submissions; OSError if the keys are not there, ssl.SSLError if they are none."""
    tls = client_context(load_key_pair(settings.keys))
    return KubernetesRunner(ServiceName(settings.host, settings.port, tls), environment_digest())
