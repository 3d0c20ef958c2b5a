"""What Helm makes is what the settings models make: the same pods, policies and files."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster_settings import ClusterSettings

from graders.runners.job_manifest import (
    GradingPods,
    WorkerPods,
    make_deployment,
    make_disruption_budget,
    make_service,
)
from graders.runners.job_manifest_room import make_binding, make_namespace, make_policy, make_quota, make_role
from graders.runners.kubernetes_settings import ClusterGrading
from graders.runners.serve_keys import PEER_NAME, KeyPair, client_context, server_context
from helm.chart import NAMESPACE, Helm, Manifest, example_files, is_of_the_dependency, steady
from helm.values_file import values_of
from helm.values_model import SITE_SETTINGS, Values
from spawner_config.policies import network_policies
from spawner_config.security import limit_range_manifest, namespace_manifest
from spawner_config.settings import NotebookSettings

GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = example_files()


def one(manifests: list[Manifest], kind: str, name: str, namespace: str | None = None) -> Manifest:
    (found,) = [
        item
        for item in manifests
        if item["kind"] == kind
        and item["metadata"]["name"] == name
        and namespace in (None, item["metadata"].get("namespace", NAMESPACE))
    ]
    return found


def grading_pods(values: Values, priority: str = "axcampus-class") -> GradingPods:
    grading = values.grading
    return GradingPods(
        namespace=grading.namespace,
        image=values.image,
        pull_policy=values.image_pull_policy,
        pull_secret=values.image_pull_secret or None,
        priority_class=priority,
        tolerations=tuple(each.model_dump(exclude_none=True) for each in grading.tolerations),
        **{
            name: getattr(grading, name)
            for name in ("size", "replicas", "preload", "grace_seconds", "fresh_after", "node_selector")
        },
    )


def worker_pods() -> WorkerPods:
    return WorkerPods(
        namespace_labels={"kubernetes.io/metadata.name": NAMESPACE},
        labels={"app.kubernetes.io/name": "axcampus-worker"},
        namespace=NAMESPACE,
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_grading_is_what_the_grading_room_makes(name: str, rendered: dict[str, list[Manifest]]) -> None:
    values = values_of(EXAMPLES[name])
    pods, worker = grading_pods(values), worker_pods()
    expected = (
        make_deployment(pods, values.secrets.grading_name),
        make_service(pods),
        make_disruption_budget(pods),
        make_quota(pods, values.grading.quota),
        make_policy(pods, worker),
        make_role(pods),
        make_binding(pods, worker),
    )
    for manifest in expected:
        metadata = manifest["metadata"]
        assert one(rendered[name], manifest["kind"], metadata["name"], metadata["namespace"]) == manifest


@pytest.mark.parametrize("name", EXAMPLES)
def test_policies_and_limits_of_notebooks_are_what_the_spawner_s_settings_make(
    name: str, rendered: dict[str, list[Manifest]]
) -> None:
    notebooks = values_of(EXAMPLES[name]).notebooks
    for manifest in (limit_range_manifest(notebooks), *network_policies(notebooks)):
        assert one(rendered[name], manifest["kind"], manifest["metadata"]["name"], notebooks.namespace) == manifest


def test_namespaces_have_the_labels_of_the_rooms(rendered: dict[str, list[Manifest]]) -> None:
    values = values_of(EXAMPLES["minimal"])
    for wanted in (namespace_manifest(values.notebooks), make_namespace(grading_pods(values))):
        found = one(rendered["minimal"], "Namespace", wanted["metadata"]["name"])
        assert wanted["metadata"]["labels"].items() <= found["metadata"]["labels"].items()


@pytest.mark.parametrize("name", EXAMPLES)
def test_files_in_pods_are_read_as_the_settings_that_the_values_say(
    name: str, rendered: dict[str, list[Manifest]]
) -> None:
    values = values_of(EXAMPLES[name])
    files = one(rendered[name], "ConfigMap", "axcampus-files")["data"]
    assert NotebookSettings.model_validate(yaml.safe_load(files["notebooks.yaml"])) == values.notebooks
    grading = ClusterGrading.model_validate(yaml.safe_load(files["grading.yaml"]))
    assert grading.bulk is not None
    assert grading.bulk.pods == grading_pods(values, "axcampus-batch")
    assert (grading.bulk.shards, grading.at_a_time) == (values.grading.shards, values.grading.at_a_time)


@pytest.mark.parametrize("name", EXAMPLES)
def test_variables_are_settings_that_the_platform_reads(
    name: str, rendered: dict[str, list[Manifest]], monkeypatch: pytest.MonkeyPatch
) -> None:

    variables = one(rendered[name], "ConfigMap", "axcampus-settings")["data"]
    known = {f"AXCAMPUS_{field.upper()}" for field in ClusterSettings.model_fields}
    assert variables.keys() <= known
    for variable, value in variables.items():
        monkeypatch.setitem(os.environ, variable, value)
    settings, values = ClusterSettings(), values_of(EXAMPLES[name])
    assert (settings.portal_url, settings.hub_url) == (values.portal_url, f"{values.notebook_url}/")
    chosen: Any = values.settings
    assert settings.model_dump(include=set(SITE_SETTINGS)) == chosen.model_dump()


def pod_specs(manifests: list[Manifest]) -> dict[str, Manifest]:
    return {
        f"{item['kind']}/{item['metadata']['name']}": item["spec"]["template"]["spec"]
        for item in manifests
        if "template" in item.get("spec", {}) and not is_of_the_dependency(item)
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_our_pods_pass_as_restricted_with_a_read_only_root_and_limits(
    name: str, rendered: dict[str, list[Manifest]]
) -> None:
    for who, spec in pod_specs(rendered[name]).items():
        pod = spec["securityContext"]
        assert pod["runAsNonRoot"] is True, who
        assert pod["runAsUser"] > 0, who
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}, who
        for container in (*spec["containers"], *spec.get("initContainers", [])):
            inside = container["securityContext"]
            assert inside["readOnlyRootFilesystem"] is True, who
            assert inside["allowPrivilegeEscalation"] is False, who
            assert inside["capabilities"] == {"drop": ["ALL"]}, who
            assert {"cpu", "memory", "ephemeral-storage"} <= container["resources"]["limits"].keys(), who
        assert not [each for each in spec["volumes"] if "hostPath" in each], who
        assert all(each["emptyDir"]["sizeLimit"] for each in spec["volumes"] if "emptyDir" in each), who


def test_only_the_worker_holds_a_token_of_the_cluster(rendered: dict[str, list[Manifest]]) -> None:
    holders = [
        who
        for who, spec in pod_specs(rendered["everything"]).items()
        if spec.get("automountServiceAccountToken", True) is not False
    ]
    assert holders == ["Deployment/axcampus-worker"]


def test_the_hub_may_delete_no_home_and_read_no_secret(rendered: dict[str, list[Manifest]]) -> None:
    rules = one(rendered["minimal"], "Role", "axcampus-hub")["rules"]
    rights = {(resource, verb) for rule in rules for resource in rule["resources"] for verb in rule["verbs"]}
    assert ("pods", "delete") in rights
    assert ("persistentvolumeclaims", "delete") not in rights
    assert not [resource for resource, _ in rights if resource in ("secrets", "services", "*")]


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_secret_is_a_literal_in_a_pod(name: str, rendered: dict[str, list[Manifest]]) -> None:
    for who, spec in pod_specs(rendered[name]).items():
        for container in (*spec["containers"], *spec.get("initContainers", [])):
            literal = {each["name"] for each in container.get("env", []) if "value" in each}
            assert not [each for each in literal if "URL" in each or ("PASSWORD" in each and "FILE" not in each)], who


def test_a_key_pair_that_helm_makes_opens_a_connection(rendered: dict[str, list[Manifest]]) -> None:
    found = [
        one(rendered["minimal"], "Secret", "axcampus-grading", each)["data"] for each in (NAMESPACE, "axcampus-grading")
    ]
    assert found[0] == found[1]
    pair = KeyPair(*(base64.b64decode(found[0][name]).decode() for name in ("tls.crt", "tls.key")))
    ours, theirs = socket.socketpair()
    server = threading.Thread(target=lambda: server_context(pair).wrap_socket(theirs, server_side=True).close())
    server.start()
    with client_context(pair).wrap_socket(ours, server_hostname=PEER_NAME) as tls:
        assert tls.version() == "TLSv1.3"
        server.join()


def test_a_key_pair_of_another_release_is_refused(rendered: dict[str, list[Manifest]]) -> None:
    pairs = [
        KeyPair(
            *(
                base64.b64decode(one(rendered[name], "Secret", "axcampus-grading", NAMESPACE)["data"][key]).decode()
                for key in ("tls.crt", "tls.key")
            )
        )
        for name in ("minimal", "oidc")
    ]
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with pytest.raises((ssl.SSLError, OSError)):
            server_context(pairs[0]).wrap_socket(theirs, server_side=True)
        theirs.close()

    server = threading.Thread(target=serve)
    server.start()
    with pytest.raises(ssl.SSLError):
        client_context(pairs[1]).wrap_socket(ours, server_hostname=PEER_NAME)
    ours.close()
    server.join()


def test_keys_have_the_length_that_the_platform_wants(rendered: dict[str, list[Manifest]]) -> None:
    data = one(rendered["minimal"], "Secret", "axcampus-keys")["data"]
    keys = [base64.b64decode(text).decode() for text in data.values()]
    assert {len(key) for key in keys} == {64}
    assert len({bytes.fromhex(key) for key in keys}) == 4


def test_secrets_made_beforehand_are_not_made_again(rendered: dict[str, list[Manifest]]) -> None:
    assert not [item for item in rendered["external-postgresql"] if item["kind"] == "Secret"]


def is_hook(manifest: Manifest) -> bool:
    return "helm.sh/hook" in manifest["metadata"].get("annotations", {})


def test_tables_are_migrated_before_an_upgrade_and_before_a_first_install(rendered: dict[str, list[Manifest]]) -> None:
    job = one(rendered["two-gpu-nodes-mig"], "Job", "axcampus-migration")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"


def test_the_trial_s_database_comes_with_the_install_so_its_tables_do_too(
    helm: Helm, rendered: dict[str, list[Manifest]]
) -> None:
    assert not is_hook(one(rendered["minimal"], "Job", "axcampus-migration-1"))
    upgraded = helm.render(EXAMPLES["minimal"], "--is-upgrade")
    assert is_hook(one(upgraded, "Job", "axcampus-migration"))


def test_what_holds_people_s_files_or_seeds_outlives_the_release(rendered: dict[str, list[Manifest]]) -> None:
    kept = {
        item["metadata"]["name"]
        for item in rendered["minimal"]
        if item["metadata"].get("annotations", {}).get("helm.sh/resource-policy") == "keep"
    }
    assert kept == {"axcampus-users", "axcampus-keys", "axcampus-trial-database"}


def test_portal_and_notebooks_have_hosts_of_their_own(rendered: dict[str, list[Manifest]]) -> None:
    hosts = {
        item["metadata"]["name"]: [rule["host"] for rule in item["spec"]["rules"]]
        for item in rendered["everything"]
        if item["kind"] == "Ingress"
    }
    assert hosts == {
        "axcampus-portal": ["campus.example.org"],
        "axcampus-notebooks": ["notebooks.example.org", "*.servers.example.org"],
    }


def test_classes_are_ordered_and_class_time_stops_nobody(rendered: dict[str, list[Manifest]]) -> None:
    classes = [item for item in rendered["minimal"] if item["kind"] == "PriorityClass"]
    ordered = sorted(classes, key=lambda item: -item["value"])
    names = ["system", "class", "homework", "batch", "placeholder"]
    assert [item["metadata"]["name"] for item in ordered] == [f"axcampus-{name}" for name in names]
    assert ordered[1]["preemptionPolicy"] == "Never"


@pytest.mark.parametrize("name", ["minimal", "two-gpu-nodes-mig", "everything"])
def test_an_example_renders_exactly_this(name: str, rendered: dict[str, list[Manifest]]) -> None:
    shown = [without_files(steady(item)) for item in rendered[name]]
    shown.sort(key=lambda item: (item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]))
    text = yaml.safe_dump_all(json.loads(json.dumps(shown)), sort_keys=True, allow_unicode=True, width=120)
    path = GOLDEN / f"{name}.yaml"
    if os.environ.get("GOLDEN") == "update":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path} differs: look, then GOLDEN=update"


def without_files(manifest: Manifest) -> Manifest:
    """Take out whole programs, which tests of their own look at, and digests over them."""
    found: Manifest = json.loads(json.dumps(manifest))
    if manifest["kind"] == "ConfigMap" and "python" in manifest["metadata"]["name"]:
        found["data"] = dict.fromkeys(found["data"], "(files/python)")
    annotations = found.get("spec", {}).get("template", {}).get("metadata", {}).get("annotations", {})
    annotations.pop("checksum/settings", None)
    return found
