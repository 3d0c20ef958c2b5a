"""Bulk and GPU grading: pods that come with the work and go with it, as Kubernetes Jobs.

Each Job is a shard: its pod takes a bounded number of submissions for a bounded time from the one worker that made it
and holds its key, then ends. The worker keeps every submission until it has its report, so a lost pod loses no work and
no report is taken twice. What is left behind by a killed worker idles out and is removed by the cluster itself.
"""

from __future__ import annotations

import logging
import secrets
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from graders.contract import Digest, GradeReport, GradeRequest
from graders.files import FileSet
from graders.runners.base import ProgressListener
from graders.runners.job_manifest import POOL_LABEL, GradingPods, Manifest, Shards, make_job, make_key_secret
from graders.runners.kubernetes import KubernetesRunner, RunnerOptions
from graders.runners.kubernetes_api import Cluster, ClusterError
from graders.runners.kubernetes_places import Place
from graders.runners.serve_keys import client_context, make_key_pair
from graders.runners.serve_messages import PORT

log = logging.getLogger(__name__)

_ENDED = ("Complete", "Failed", "FailureTarget")
_LOOK_SECONDS = 0.5
_PAUSE_AFTER_ERROR_SECONDS = 3.0


@dataclass
class _Shard:
    """One Job that this worker made."""

    name: str
    tls: ssl.SSLContext
    accepts_until: float
    place: Place | None = None


@dataclass
class JobPods:
    """Places that are made on demand: as many Jobs as the waiting gradings need, and ``most`` at a time."""

    cluster: Cluster
    pods: GradingPods
    shards: Shards
    most: int
    submission_seconds: float = 900.0
    pool: str = field(default_factory=lambda: f"jobs-{secrets.token_hex(4)}")

    def __post_init__(self) -> None:
        self._shards: dict[str, _Shard] = {}
        self._wanted, self._made = 0, 0
        self._problem = ""
        self._changed = threading.Condition()
        self._is_closed = False
        self._keeper = threading.Thread(target=self._keep, name="grading-jobs", daemon=True)
        self._keeper.start()

    def places(self) -> Sequence[Place]:
        """Return the pods that are ready and have time for one more submission."""
        now = time.monotonic()
        with self._changed:
            return [each.place for each in self._shards.values() if each.place and now < each.accepts_until]

    def problem(self) -> str:
        """Why there may be no pod: what the cluster said last."""
        return self._problem

    @contextmanager
    def demand(self) -> Iterator[None]:
        """Within this, one more grading waits or runs."""
        with self._changed:
            self._wanted += 1
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._wanted -= 1

    def close(self) -> None:
        """Remove all Jobs of this worker."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._keeper.join()
        for name in list(self._shards):
            with suppress(ClusterError):
                self.cluster.delete_job(name)

    def _keep(self) -> None:
        while self._await_work():
            try:
                self._look()
                self._make_missing()
            except ClusterError as error:
                self._problem = str(error)
                log.warning("grading Jobs: %s", error)
                time.sleep(_PAUSE_AFTER_ERROR_SECONDS)
            except Exception as error:
                self._problem = f"{type(error).__name__}: {error}"
                log.exception("the keeper of grading Jobs goes on after an error of its own")
                time.sleep(_PAUSE_AFTER_ERROR_SECONDS)
            time.sleep(_LOOK_SECONDS)

    def _await_work(self) -> bool:
        """Sleep while nobody wants anything and nothing is there; False at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._wanted or self._shards)
            return not self._is_closed

    def _look(self) -> None:
        """Learn which Jobs have ended and where the pods of the others are ready."""
        if not self._shards:
            return
        selector = f"{POOL_LABEL}={self.pool}"
        known = {each["metadata"]["name"] for each in self.cluster.jobs(selector) if not _has_ended(each)}
        ready = dict(filter(None, map(_ready_pod, self.cluster.pods(selector))))
        with self._changed:
            for name, shard in list(self._shards.items()):
                shard.place = Place((ready[name], PORT), shard.tls) if name in ready else None
                if name not in known:
                    del self._shards[name]
        self._note_problems(known - set(ready))

    def _note_problems(self, waiting: set[str]) -> None:
        """A Job without a pod says why in an event: no quota, no node."""
        for name in sorted(waiting)[:1]:
            self._problem = self.cluster.last_warning(name) or self._problem

    def _make_missing(self) -> None:
        needed = min(self.most, -(-self._wanted // self.pods.size.slots))
        for _ in range(needed - len(self._shards)):
            self._make()

    def _make(self) -> None:
        self._made += 1
        name = f"{self.pool}-{self._made}"
        keys = make_key_pair(timedelta(seconds=self.shards.deadline_seconds + 600))
        job = self.cluster.create_job(make_job(self.pods, name, self.pool, self.shards))
        self.cluster.create_secret(make_key_secret(self.pods, name, keys, owner=job))
        until = time.monotonic() + max(self.shards.deadline_seconds - self.submission_seconds, 1.0)
        with self._changed:
            self._shards[name] = _Shard(name, client_context(keys), until)


class JobRunner:
    """A ``graders.runners.base.Runner`` whose pods are Jobs; see ``JobPods``."""

    def __init__(self, pods: JobPods, environment: Digest | None, options: RunnerOptions | None = None) -> None:
        self._pods = pods
        self._runner = KubernetesRunner(pods, environment, options)

    def grade(
        self,
        request: GradeRequest,
        bundle: FileSet,
        submission: FileSet,
        *,
        on_progress: ProgressListener | None = None,
        cancel: threading.Event | None = None,
    ) -> GradeReport:
        """Grade in a Job's pod, which is made if there is none with room; see ``Runner``."""
        with self._pods.demand():
            return self._runner.grade(request, bundle, submission, on_progress=on_progress, cancel=cancel)

    def close(self) -> None:
        """Leave the pods, remove their Jobs and end the connection to the cluster."""
        self._runner.close()
        self._pods.close()
        self._pods.cluster.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _has_ended(job: Manifest) -> bool:
    conditions = job.get("status", {}).get("conditions") or []
    return any(
        each["type"] in ("Complete", "Failed", "FailureTarget") and each["status"] == "True" for each in conditions
    )


def _ready_pod(pod: Manifest) -> tuple[str, str] | None:
    """Return (name of the Job, address) of a pod that takes work."""
    status = pod.get("status", {})
    conditions = status.get("conditions") or []
    is_ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    if not is_ready or pod["metadata"].get("deletionTimestamp") or not status.get("podIP"):
        return None
    return pod["metadata"]["labels"]["job-name"], status["podIP"]
