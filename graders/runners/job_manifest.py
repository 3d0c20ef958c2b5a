"""The Kubernetes objects of grading, as pure functions: settings in, manifests out.

A grading pod is the outer wall around student code: no service-account token, no connection to anywhere, a read-only
root, no privilege, limits on everything. The engine's own sandbox stands inside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from graders.contract import Frozen
from graders.runners.serve_keys import CERTIFICATE_FILE, KEY_FILE, KeyPair
from graders.runners.serve_messages import PORT

Manifest = dict[str, Any]

APP = "axcampus-grader"
APP_LABEL, POOL_LABEL = "app.kubernetes.io/name", "axcampus.io/grading-pool"
LIVE = "live"
#: Nobody else on a node may be this user: the kernel counts its processes over all pods (notebooks are user 1000).
_USER = 1001
_KEYS, _KEYS_FOLDER = "keys", "/run/axcampus/keys"


class WorkerPods(Frozen):
    """Which pods may connect to grading pods: those with ``labels``, in the namespaces with ``namespace_labels``."""

    namespace_labels: Mapping[str, str]
    labels: Mapping[str, str]
    service_account: str = "axcampus-worker"
    namespace: str = Field(description="namespace of the service account")


class PodSize(Frozen):
    """What one grading pod asks for and may use. Memory must hold ``slots`` submissions at their limit."""

    slots: int = Field(default=2, ge=1, le=64)
    cpu_request: str = "500m"
    cpu_limit: str = "2"
    memory_request: str = "1Gi"
    memory_limit: str = "6Gi"
    scratch: str = "2Gi"
    processes: int = Field(default=1500, ge=100, description="processes and threads of all grading pods of one node")
    extra: Mapping[str, str] = Field(default_factory=dict, description="extended resources, e.g. nvidia.com/gpu: 1")


class GradingPods(Frozen):
    """Everything about grading on one cluster; ``namespace`` holds nothing else."""

    namespace: str
    image: str
    pull_policy: str = "IfNotPresent"
    pull_secret: str | None = None
    size: PodSize = PodSize()
    replicas: int = Field(default=1, ge=0)
    preload: tuple[str, ...] = ("numpy", "pandas", "matplotlib.pyplot")
    grace_seconds: int = Field(default=780, ge=0, description="what a pod that must go has to finish its gradings")
    fresh_after: int = Field(default=2000, ge=0, description="gradings after which a live pod's process is replaced")
    priority_class: str | None = None
    node_selector: Mapping[str, str] = Field(default_factory=dict)
    tolerations: tuple[Mapping[str, str], ...] = ()


class Shards(Frozen):
    """How bulk work is cut: a Job's pod takes ``gradings`` submissions at most, then ends and makes room."""

    gradings: int = Field(default=200, ge=1)
    deadline_seconds: int = Field(default=3600, ge=60)
    idle_seconds: int = Field(default=30, ge=1)
    retries: int = Field(default=2, ge=0, description="pods that Kubernetes may start anew for one Job")
    kept_seconds: int = Field(default=60, ge=0, description="how long a Job that has ended can be looked at")


def make_deployment(pods: GradingPods, keys_secret: str) -> Manifest:
    """The warm pods of live submissions."""
    labels = make_labels(LIVE)
    arguments = ["--jobs", str(pods.fresh_after)]
    spec = {
        "replicas": pods.replicas,
        "selector": {"matchLabels": labels},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "template": {"metadata": {"labels": labels}, "spec": _pod_spec(pods, keys_secret, arguments)},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _metadata(pods, APP, labels), "spec": spec}


def make_service(pods: GradingPods) -> Manifest:
    """A headless Service: its name resolves to all ready pods, so that a worker needs no right on the API."""
    labels = make_labels(LIVE)
    ports = [{"name": "grading", "port": PORT, "targetPort": "grading", "protocol": "TCP"}]
    spec = {"clusterIP": "None", "selector": labels, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _metadata(pods, APP, labels), "spec": spec}


def make_disruption_budget(pods: GradingPods) -> Manifest:
    """Node maintenance takes one live pod at a time."""
    labels = make_labels(LIVE)
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": labels}}
    metadata = _metadata(pods, APP, labels)
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}


def make_job(pods: GradingPods, name: str, pool: str, shards: Shards) -> Manifest:
    """One shard of bulk or GPU work: a pod that takes some submissions and ends. Its Secret has the Job's name."""
    labels = make_labels(pool)
    arguments = ["--jobs", str(shards.gradings), "--idle-seconds", str(shards.idle_seconds)]
    template = _pod_spec(pods, name, arguments) | {"restartPolicy": "Never"}
    spec = {
        "completions": 1,
        "parallelism": 1,
        "backoffLimit": shards.retries,
        "activeDeadlineSeconds": shards.deadline_seconds,
        "ttlSecondsAfterFinished": shards.kept_seconds,
        "template": {"metadata": {"labels": labels}, "spec": template},
    }
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": _metadata(pods, name, labels), "spec": spec}


def make_key_secret(pods: GradingPods, name: str, keys: KeyPair, owner: Manifest | None = None) -> Manifest:
    """The key pair of a Deployment, or of the Job ``owner`` (as the API returned it), with which it then goes."""
    metadata = _metadata(pods, name, {APP_LABEL: APP})
    if owner is not None:
        reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"]}
        metadata["ownerReferences"] = [
            reference | {"name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"], "controller": True}
        ]
    data = {CERTIFICATE_FILE: keys.certificate, KEY_FILE: keys.key}
    kind = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "immutable": True}
    return kind | {"metadata": metadata, "stringData": data}


def make_labels(pool: str) -> dict[str, str]:
    """Labels of the pods of one pool."""
    return {APP_LABEL: APP, POOL_LABEL: pool}


def _metadata(pods: GradingPods, name: str, labels: Mapping[str, str]) -> Manifest:
    return {"name": name, "namespace": pods.namespace, "labels": dict(labels)}


def _pod_spec(pods: GradingPods, keys_secret: str, arguments: list[str]) -> Manifest:
    spec: Manifest = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": pods.grace_seconds,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(pods, arguments)],
        "volumes": [
            {"name": _KEYS, "secret": {"secretName": keys_secret, "defaultMode": 0o440}},
            {"name": "scratch", "emptyDir": {"sizeLimit": pods.size.scratch}},
        ],
    }
    optional: Manifest = {
        "imagePullSecrets": [{"name": pods.pull_secret}] if pods.pull_secret else None,
        "priorityClassName": pods.priority_class,
        "nodeSelector": dict(pods.node_selector),
        "tolerations": [dict(each) for each in pods.tolerations],
    }
    return spec | {key: value for key, value in optional.items() if value}


def _container(pods: GradingPods, arguments: list[str]) -> Manifest:
    size = pods.size
    command = ["python", "-m", "graders.runners.serve", "--keys", _KEYS_FOLDER, "--slots", str(size.slots)]
    command += ["--processes", str(size.processes)]
    preload = ["--preload", ",".join(pods.preload)] if pods.preload else []
    probe = {"tcpSocket": {"port": "grading"}}
    return {
        "name": "grader",
        "image": pods.image,
        "imagePullPolicy": pods.pull_policy,
        "args": [*command, *preload, *arguments],
        "env": [{"name": "TMPDIR", "value": "/tmp"}, {"name": "HOME", "value": "/tmp"}],  # noqa: S108 - the pod's own
        "ports": [{"name": "grading", "containerPort": PORT, "protocol": "TCP"}],
        "resources": {
            "requests": {"cpu": size.cpu_request, "memory": size.memory_request, "ephemeral-storage": size.scratch},
            "limits": {
                "cpu": size.cpu_limit,
                "memory": size.memory_limit,
                "ephemeral-storage": size.scratch,
                **size.extra,
            },
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "startupProbe": probe | {"periodSeconds": 1, "failureThreshold": 600},
        "readinessProbe": probe | {"periodSeconds": 5},
        # Five minutes: after an overrun the server warms up anew without listening, on a busy node for long.
        "livenessProbe": probe | {"periodSeconds": 20, "failureThreshold": 15},
        "volumeMounts": [
            {"name": _KEYS, "mountPath": _KEYS_FOLDER, "readOnly": True},
            {"name": "scratch", "mountPath": "/tmp"},  # noqa: S108 - the pod's own
        ],
    }
