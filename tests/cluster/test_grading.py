"""Grading on a real cluster: the contract of all runners in warm pods, what hostile code finds there, and lost pods."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from graders.contract import GradeReport, ReportState
from graders.runners.base import Runner
from graders.runners.job_manifest import (
    LIVE,
    POOL_LABEL,
    make_deployment,
    make_disruption_budget,
    make_key_secret,
    make_service,
)
from graders.runners.job_manifest_room import Quota
from graders.runners.kubernetes import KubernetesRunner, RunnerOptions
from graders.runners.kubernetes_places import Place
from graders.runners.serve_keys import client_context
from graders.runners.serve_messages import PORT
from tests.cluster.conftest import KubectlError, Namespace
from tests.cluster.grading_room import KEYS, WORKER, grading_pods, open_room
from tests.graders.runners.test_local import (
    in_background,
    job,
    report_of,
    test_a_running_submission_can_be_cancelled_soon,
    test_a_submission_is_graded,
    test_progress_ends_with_done,
    test_several_threads_share_the_slots,
)

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

__all__ = [  # the contract of every runner, on this one
    "test_a_running_submission_can_be_cancelled_soon",
    "test_a_submission_is_graded",
    "test_progress_ends_with_done",
    "test_several_threads_share_the_slots",
]


@dataclass
class Ready:
    """The ready pods of a namespace, as the node sees them."""

    namespace: Namespace

    def places(self) -> Sequence[Place]:
        try:
            pods = self.namespace.get("pods", "-l", f"{POOL_LABEL}={LIVE}")
        except KubectlError:
            return []
        conditions = {pod["status"].get("podIP"): pod["status"].get("conditions", []) for pod in pods}
        ready = [
            address
            for address, found in conditions.items()
            if address and any(each["type"] == "Ready" and each["status"] == "True" for each in found)
        ]
        return [Place((address, PORT), client_context(KEYS)) for address in ready]

    def problem(self) -> str:
        return "no pod in this test"


@pytest.fixture(scope="module")
def room(make_namespace: Callable[..., Namespace], images: dict[str, str]) -> Namespace:
    """A namespace of grading with two warm pods."""
    namespace = make_namespace("grading")
    pods = grading_pods(namespace, images, replicas=2)
    open_room(namespace, pods, Quota())
    namespace.apply(make_key_secret(pods, "keys", KEYS), make_service(pods), make_disruption_budget(pods))
    namespace.apply(make_deployment(pods, "keys"))
    await_pods(namespace)
    return namespace


def await_pods(namespace: Namespace) -> None:
    """Wait until both pods take work, also after one had to begin anew; on a busy machine a warm-up takes minutes."""
    namespace.kubectl("rollout", "status", "deployment/axcampus-grader", "--timeout=400s", seconds=410)


@pytest.fixture(scope="module")
def runner(room: Namespace) -> Iterator[KubernetesRunner]:
    with KubernetesRunner(Ready(room), None, RunnerOptions(unreachable_seconds=400, look_seconds=0.5)) as remote:
        yield remote


def names_of_pods(namespace: Namespace) -> list[str]:
    return [pod["metadata"]["name"] for pod in namespace.get("pods", "-l", f"{POOL_LABEL}={LIVE}")]


def restarts(namespace: Namespace) -> int:
    pods = namespace.get("pods", "-l", f"{POOL_LABEL}={LIVE}")
    return sum(status["restartCount"] for pod in pods for status in pod["status"]["containerStatuses"])


def in_pod(namespace: Namespace, code: str) -> str:
    """Run Python in a grading pod beside the grader, outside its sandbox: what somebody finds who broke out of it."""
    return namespace.kubectl("exec", names_of_pods(namespace)[0], "--", "python", "-c", code)


def test_the_sandbox_inside_the_pod_has_every_required_layer(runner: Runner) -> None:
    layers = " ".join(runner.grade(*job("x = 1")).layers)
    assert all(layer in layers for layer in ("no_new_privs", "landlock-files", "seccomp", "rlimits"))


#: Each sets the right answer only if the attack got through.
HOSTILE = {
    "reads the pod's keys": "x = 1 if open('/run/axcampus/keys/tls.key').read() else 0",
    "reads the courses' solutions": (
        "import glob\nx = 0\n"
        "known = '/srv/courses/manufacturing-ai/course.yaml'\n"
        "for path in (known, *glob.glob('/srv/courses/**/*.py', recursive=True)):\n"
        "    try:\n        x = 1 if open(path).read() else x\n    except OSError:\n        pass"
    ),
    "lists the courses' solutions": (
        "import os\n"
        "x = int(any('manufacturing' in name for _, folders, files in os.walk('/srv') for name in folders + files))"
    ),
    "connects to the API server": ("import socket\nsocket.create_connection(('10.96.0.1', 443), 3)\nx = 1"),
    "kills the grader": (
        "import os, signal\n"
        "for pid in range(1, 400):\n"
        "    if pid != os.getpid():\n"
        "        try:\n            os.kill(pid, signal.SIGKILL)\n            x = 1\n"
        "        except OSError:\n            pass"
    ),
    "takes all memory": "kept = [bytearray(64 * 2**20) for _ in range(400)]\nx = 1",
    "forks without end": "import os\nx = 0\nwhile True:\n    os.fork()",
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_submission_gets_no_point_and_hurts_no_pod(runner: Runner, room: Namespace, attack: str) -> None:
    before = restarts(room)
    request, bundle, submission = job(HOSTILE[attack])
    limits = request.limits.model_copy(update={"cell_seconds": 20, "memory_bytes": 2**30, "processes": 24})
    report = runner.grade(request.model_copy(update={"limits": limits}), bundle, submission)
    assert (report.state, report.score) == (ReportState.GRADED, 0)
    assert runner.grade(*job("x = 1")).score == 1
    assert restarts(room) == before


def test_who_breaks_out_finds_no_account_no_network_and_nothing_to_write(room: Namespace) -> None:
    code = (
        "import os, socket, pathlib\n"
        "print(os.getuid(), os.path.exists('/var/run/secrets/kubernetes.io'))\n"
        "for address in (('10.96.0.1', 443), ('10.250.0.1', 6443)):\n"
        "    try:\n        socket.create_connection(address, 2); print('connected')\n"
        "    except OSError:\n        print('refused')\n"
        "try:\n    pathlib.Path('/srv/axcampus/graders/contract.py').write_text(''); print('written')\n"
        "except OSError:\n    print('read-only')\n"
    )
    assert in_pod(room, code).split() == ["1001", "False", "refused", "refused", "read-only"]


def test_only_worker_pods_reach_a_grading_pod(room: Namespace, images: dict[str, str]) -> None:
    code = f"import socket; socket.create_connection(('axcampus-grader.{room.name}.svc.cluster.local', {PORT}), 5)"
    worker, stranger = probe("worker", images, code, WORKER), probe("stranger", images, code, {"app": "notebook"})
    room.apply(opens_the_way_out(room), worker, stranger)
    room.wait("jsonpath={.status.phase}=Succeeded", "pod/worker")
    room.wait("jsonpath={.status.phase}=Failed", "pod/stranger")


def probe(name: str, images: dict[str, str], code: str, labels: dict[str, str]) -> dict[str, object]:
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True}
    limits = {"cpu": "500m", "memory": "128Mi", "ephemeral-storage": "10Mi"}
    container = {
        "name": "probe",
        "image": images["campus"],
        "args": ["python", "-c", code],
        "securityContext": security | {"seccompProfile": {"type": "RuntimeDefault"}},
        "resources": {"limits": limits, "requests": limits | {"cpu": "10m"}},
    }
    spec = {"restartPolicy": "Never", "automountServiceAccountToken": False, "containers": [container]}
    metadata = {"name": name, "labels": labels | {"axcampus.test/probe": "1"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def opens_the_way_out(namespace: Namespace) -> dict[str, object]:
    """In production workers live in a namespace of their own; here only who probes may connect to anything."""
    spec = {"podSelector": {"matchLabels": {"axcampus.test/probe": "1"}}, "policyTypes": ["Egress"], "egress": [{}]}
    kind = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    return kind | {"metadata": {"name": "probes", "namespace": namespace.name}, "spec": spec}


def test_a_pod_that_is_killed_while_it_grades_costs_no_score(runner: KubernetesRunner, room: Namespace) -> None:
    await_pods(room)
    slow = job("import time; time.sleep(25); x = 1")
    thread = in_background(runner, slow)
    room.kubectl("delete", "pod", "--force", "--grace-period=0", pod_in_use(runner, room))
    report: GradeReport = report_of_patiently(thread)
    assert (report.state, report.score) == (ReportState.GRADED, 1)


def pod_in_use(runner: KubernetesRunner, namespace: Namespace) -> str:
    (address,) = [host for (host, _), count in runner._in_use.items() if count]
    pods = namespace.get("pods", "-l", f"{POOL_LABEL}={LIVE}")
    return next(pod["metadata"]["name"] for pod in pods if pod["status"].get("podIP") == address)


def report_of_patiently(thread: threading.Thread) -> GradeReport:
    thread.join(500)
    return report_of(thread)


def test_submissions_one_after_the_other_are_all_scored(
    runner: Runner, room: Namespace, record_testsuite_property: Callable[..., None]
) -> None:
    """How long each took is noted in the report of the tests: what docs/grading-kubernetes.md quotes."""
    await_pods(room)
    seconds = []
    for index in range(30):
        began = time.monotonic()
        assert runner.grade(*job(f"x = 1  # {index}")).score == 1
        seconds.append(time.monotonic() - began)
    figures = {"median": statistics.median(seconds), "p95": statistics.quantiles(seconds, n=20)[-1]}
    for name, value in figures.items():
        record_testsuite_property(f"seconds {name}", round(value, 2))
    print("seconds a grading on warm pods:", {name: round(value, 2) for name, value in figures.items()})
