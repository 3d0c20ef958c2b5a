"""The namespace of grading: what surrounds its pods, as pure functions. ``make_room`` is all of it."""

from __future__ import annotations

from pydantic import Field

from graders.contract import Frozen
from graders.runners.job_manifest import APP, APP_LABEL, GradingPods, Manifest, WorkerPods
from graders.runners.serve_messages import PORT

#: The newest Pod Security level of each cluster's own version.
_LEVELS = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


class Quota(Frozen):
    """What grading may use of the cluster in all; extended resources by name."""

    pods: int = Field(default=40, ge=1)
    cpu: str = "32"
    memory: str = "128Gi"
    scratch: str = "100Gi"
    jobs: int = Field(default=60, ge=1)
    gpus: dict[str, int] = Field(default_factory=dict, description="e.g. nvidia.com/gpu: 2")


def make_room(pods: GradingPods, worker: WorkerPods, quota: Quota, *, with_namespace: bool = True) -> list[Manifest]:
    """Everything that must be there before the first grading pod."""
    namespace = [make_namespace(pods)] if with_namespace else []
    return [*namespace, make_quota(pods, quota), make_policy(pods, worker), make_role(pods), make_binding(pods, worker)]


def make_namespace(pods: GradingPods) -> Manifest:
    """A namespace that refuses every pod which is not ``restricted``."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": pods.namespace, "labels": dict(_LEVELS)}}


def make_quota(pods: GradingPods, quota: Quota) -> Manifest:
    """The roof over bulk work: a regrade of everything can't starve the notebooks."""
    hard = {
        "pods": str(quota.pods),
        "limits.cpu": quota.cpu,
        "limits.memory": quota.memory,
        "limits.ephemeral-storage": quota.scratch,
        "count/jobs.batch": str(quota.jobs),
        **{f"requests.{name}": str(amount) for name, amount in sorted(quota.gpus.items())},
    }
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": _named(pods), "spec": {"hard": hard}}


def make_policy(pods: GradingPods, worker: WorkerPods) -> Manifest:
    """Grading pods reach nothing, not even DNS; only workers reach them, and only on the one port."""
    source = {
        "namespaceSelector": {"matchLabels": dict(worker.namespace_labels)},
        "podSelector": {"matchLabels": dict(worker.labels)},
    }
    spec = {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [source], "ports": [{"protocol": "TCP", "port": PORT}]}],
        "egress": [],
    }
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": _named(pods), "spec": spec}


def make_role(pods: GradingPods) -> Manifest:
    """What a worker may do here: make and remove Jobs, bring their keys, look for their pods. It may read no Secret."""
    rules = [
        {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "list", "delete"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
        {"apiGroups": [""], "resources": ["pods", "events"], "verbs": ["list"]},
    ]
    kind = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role"}
    return kind | {"metadata": _named(pods, "-worker"), "rules": rules}


def make_binding(pods: GradingPods, worker: WorkerPods) -> Manifest:
    """Gives that role to the worker's service account."""
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": f"{APP}-worker"}
    subject = {"kind": "ServiceAccount", "name": worker.service_account, "namespace": worker.namespace}
    kind = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding"}
    return kind | {"metadata": _named(pods, "-worker"), "roleRef": role, "subjects": [subject]}


def _named(pods: GradingPods, suffix: str = "") -> Manifest:
    return {"name": APP + suffix, "namespace": pods.namespace, "labels": {APP_LABEL: APP}}
