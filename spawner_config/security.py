"""What a notebook pod may not do, and the namespace that refuses any pod that may: level ``restricted``."""

from __future__ import annotations

from typing import Any

from spawner_config.settings import LEARNER_ID, NotebookSettings

#: Pod Security Admission refuses and warns by these labels of the namespace.
POD_SECURITY_LABELS = {
    f"pod-security.kubernetes.io/{mode}{part}": value
    for mode in ("enforce", "audit", "warn")
    for part, value in (("", "restricted"), ("-version", "latest"))
}


def security_traits() -> dict[str, Any]:
    """Return KubeSpawner's traits of a pod without privileges and without a token of the cluster."""
    return {
        "privileged": False,
        "automount_service_account_token": False,
        "allow_privilege_escalation": False,
        "pod_security_context": {
            "runAsNonRoot": True,
            "runAsUser": LEARNER_ID,
            "runAsGroup": LEARNER_ID,
            "fsGroup": LEARNER_ID,
            "fsGroupChangePolicy": "OnRootMismatch",  # a home of 100,000 files would take minutes each time
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "container_security_context": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,  # the image stays the curated one; /tmp and the home are writable
            "capabilities": {"drop": ["ALL"]},
        },
    }


def namespace_manifest(settings: NotebookSettings) -> dict[str, Any]:
    """Return the namespace of the pods: the API server refuses what is not ``restricted``."""
    labels = {"app.kubernetes.io/part-of": "axcampus", **POD_SECURITY_LABELS}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": settings.namespace, "labels": labels}}


def limit_range_manifest(settings: NotebookSettings) -> dict[str, Any]:
    """Return limits for containers that state none: in this namespace nothing runs unlimited."""
    default = {"cpu": "1", "memory": "1Gi", "ephemeral-storage": "1Gi"}
    request = {"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "128Mi"}
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "notebooks", "namespace": settings.namespace},
        "spec": {"limits": [{"type": "Container", "default": default, "defaultRequest": request}]},
    }
