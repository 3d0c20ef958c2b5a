from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from spawner_config.policies import network_policies
from spawner_config.security import limit_range_manifest, namespace_manifest
from spawner_config.settings import REFERENCE_FILE, NotebookSettings, load_notebooks
from spawner_config.storage import CourseData, Homes, SharedFolder
from tests.spawner_config.rendering import compare, offline, render

VERSIONS = ("1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
PROFILES = ("cpu", "gpu-lab", "gpu-small", "gpu-medium", "gpu-full")
STAFF = ("course:manufacturing-ai:instructor",)

REFERENCE = load_notebooks(REFERENCE_FILE)
SHARED = NotebookSettings(
    homes=Homes(kind="shared-claim", claim="homes"),
    shared_folder=SharedFolder(claim="shared-data"),
    course_data=CourseData(claim="course-data", courses=("manufacturing-ai",)),
    user_namespaces=True,
)


@pytest.fixture(autouse=True)
def no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offline(tmp_path, monkeypatch)


def of_the_namespace(settings: NotebookSettings) -> list[dict[str, Any]]:
    return [namespace_manifest(settings), limit_range_manifest(settings), *network_policies(settings)]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_makes_exactly_this_pod(profile: str) -> None:
    compare(f"pod-{profile}", list(render(REFERENCE, profile, STAFF).values()))


def test_homes_in_a_shared_claim_make_exactly_this_pod() -> None:
    compare("pod-shared-claim", [render(SHARED, "cpu", ("course:manufacturing-ai:student",))["pod"]])


def test_the_namespace_is_exactly_this() -> None:
    compare("namespace", of_the_namespace(REFERENCE))


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_valid_under_the_strict_schemas(version: str) -> None:
    pods = [item for profile in PROFILES for item in render(REFERENCE, profile, STAFF).values()]
    for manifest in (*pods, render(SHARED, "cpu", STAFF)["pod"], *of_the_namespace(REFERENCE)):
        kubernetes_validate.validate(manifest, version, strict=True)


def test_a_wrong_manifest_is_noticed() -> None:
    wrong = render(REFERENCE, "cpu")["pod"]
    wrong["spec"]["nodeSelektor"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.34", strict=True)


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_in_a_pod_is_without_a_limit(profile: str) -> None:
    spec = render(REFERENCE, profile, STAFF)["pod"]["spec"]
    for container in spec["containers"]:
        assert {"cpu", "memory", "ephemeral-storage"} <= container["resources"]["limits"].keys()
    assert all(volume["emptyDir"]["sizeLimit"] for volume in spec["volumes"] if "emptyDir" in volume)
    assert spec["activeDeadlineSeconds"] == 24 * 3600


@pytest.mark.parametrize("profile", PROFILES)
def test_a_pod_has_no_token_no_host_path_and_no_name_of_a_person(profile: str) -> None:
    pod = render(REFERENCE, profile, STAFF)["pod"]
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert not [volume for volume in pod["spec"]["volumes"] if "hostPath" in volume or "secret" in volume]
    assert "minji" not in str(pod["metadata"]) + str(pod["spec"]["volumes"])


def test_the_hub_s_own_token_is_the_only_secret_in_the_environment() -> None:
    environment = render(REFERENCE, "gpu-lab", STAFF)["pod"]["spec"]["containers"][0]["env"]
    secrets = {item["name"] for item in environment if any(word in item["name"] for word in ("TOKEN", "SECRET", "KEY"))}
    assert secrets <= {"JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"}


def limits(profile: str, groups: tuple[str, ...] = STAFF) -> dict[str, str]:
    found: dict[str, str] = render(REFERENCE, profile, groups)["pod"]["spec"]["containers"][0]["resources"]["limits"]
    return found


def test_a_cpu_server_states_that_it_has_no_gpu() -> None:
    assert limits("cpu")["nvidia.com/gpu"] == "0"


def test_a_slice_is_asked_for_by_its_name_and_no_whole_gpu_with_it() -> None:
    assert limits("gpu-small") | {"nvidia.com/mig-1g.18gb": "1", "nvidia.com/gpu": "0"} == limits("gpu-small")
