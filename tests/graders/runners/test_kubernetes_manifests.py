"""The objects of grading: compared whole, valid for six versions of Kubernetes, and hardened in every variant.

After a wanted change: ``UPDATE_GOLDEN=1 pytest tests/graders/runners/test_kubernetes_manifests.py``.
"""

from __future__ import annotations

import os
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from graders.runners.job_manifest import (
    GradingPods,
    Manifest,
    PodSize,
    Shards,
    WorkerPods,
    make_deployment,
    make_disruption_budget,
    make_job,
    make_key_secret,
    make_service,
)
from graders.runners.job_manifest_room import Quota, make_room
from graders.runners.serve_keys import KeyPair

GOLDEN = Path(__file__).parent / "golden"
VERSIONS = ("1.32", "1.33", "1.34", "1.35", "1.36", "1.37")

PODS = GradingPods(namespace="axcampus-grading", image="registry.example/ax-campus/campus:1")
GPU = PODS.model_copy(
    update={
        "size": PodSize(slots=1, extra={"nvidia.com/gpu": "1"}),
        "node_selector": {"axcampus.io/pool": "full"},
        "tolerations": ({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},),
        "priority_class": "axcampus-batch",
        "pull_secret": "registry",
    }
)
WORKER = WorkerPods(
    namespace_labels={"kubernetes.io/metadata.name": "axcampus"},
    labels={"app.kubernetes.io/name": "axcampus-worker"},
    namespace="axcampus",
)
KEYS = KeyPair("certificate", "key")
OWNER: Manifest = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "jobs-1-1", "uid": "1-2-3"}}

EVERYTHING: dict[str, list[Manifest]] = {
    "room": make_room(PODS, WORKER, Quota(gpus={"nvidia.com/gpu": 2})),
    "live": [make_deployment(PODS, "keys"), make_service(PODS), make_disruption_budget(PODS)],
    "keys": [make_key_secret(PODS, "keys", KEYS), make_key_secret(PODS, "jobs-1-1", KEYS, OWNER)],
    "job": [make_job(PODS, "jobs-1-1", "jobs-1", Shards())],
    "job-gpu": [make_job(GPU, "jobs-1-1", "jobs-1", Shards(gradings=20, deadline_seconds=7200))],
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_objects_are_as_they_were_looked_at(name: str) -> None:
    file = GOLDEN / f"grading-{name}.yaml"
    text = yaml.safe_dump_all(EVERYTHING[name], sort_keys=True)
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", EVERYTHING)
def test_every_object_is_valid_in_its_strict_schema(name: str, version: str) -> None:
    for manifest in EVERYTHING[name]:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_the_schema_refuses_a_typing_mistake() -> None:
    wrong = make_job(PODS, "j", "p", Shards())
    wrong["spec"]["template"]["spec"]["containers"][0]["securitycontext"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.34", strict=True)


def pod_of(manifest: Manifest) -> Manifest:
    spec: Manifest = manifest["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize(
    "pod", [pod_of(make_deployment(PODS, "keys")), pod_of(make_job(GPU, "j", "p", Shards()))], ids=["live", "gpu job"]
)
def test_no_pod_has_a_token_a_privilege_or_a_writable_root(pod: Manifest) -> None:
    (container,) = pod["containers"]
    security = container["securityContext"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"]
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert (security["allowPrivilegeEscalation"], security["readOnlyRootFilesystem"]) == (False, True)
    assert set(container["resources"]["limits"]) >= {"cpu", "memory", "ephemeral-storage"}
    assert not any("hostPath" in volume or "projected" in volume for volume in pod["volumes"])


def test_a_key_never_shows_in_what_is_logged() -> None:
    assert "key=" not in repr(KeyPair("c", "very-secret"))
    assert "very-secret" not in repr(KeyPair("c", "very-secret"))


def test_the_worker_may_read_no_secret() -> None:
    rules = next(each for each in EVERYTHING["room"] if each["kind"] == "Role")["rules"]
    assert [rule["verbs"] for rule in rules if "secrets" in rule["resources"]] == [["create"]]


def test_nothing_leaves_a_grading_pod() -> None:
    policy = next(each for each in EVERYTHING["room"] if each["kind"] == "NetworkPolicy")["spec"]
    assert (policy["egress"], policy["podSelector"]) == ([], {})
    assert "Egress" in policy["policyTypes"]
