from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from courses.catalog import load_catalog
from spawner_config.access import Access
from spawner_config.apply import check_courses
from spawner_config.compute import Image, Pool, Profile
from spawner_config.network import Peer, Port
from spawner_config.settings import REFERENCE_FILE, NotebookSettings, SettingsError, load_notebooks
from spawner_config.storage import Homes

WORDS = {"ko": "가", "en": "a"}


def profile(**values: Any) -> dict[str, Any]:
    return {"name": WORDS, "purpose": WORDS, "pool": "cpu", "default": True, **values}


def test_without_a_file_everybody_gets_a_cpu() -> None:
    settings = load_notebooks(None)
    assert [*settings.profiles] == ["cpu"]
    assert settings.gpu_resources == ()


def test_the_reference_site_is_the_one_that_was_planned() -> None:
    pools = load_notebooks(REFERENCE_FILE).pools
    assert {name: pool.seats for name, pool in pools.items()} == {
        "cpu": 320,
        "lab": 84,
        "small": 15,
        "medium": 3,
        "full": 1,
    }


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"poools": {}}, "Extra inputs"),
        ({"profiles": {"cpu": profile(pool="none")}}, "not defined"),
        ({"profiles": {"cpu": profile(image="none")}}, "not defined"),
        ({"profiles": {"cpu": profile(default=False)}}, "exactly one profile"),
        ({"profiles": {"cpu": profile(access={"roles": ["instructor"]})}}, "everyone may use"),
        ({"pools": {"cpu": {"seats": 1, "session_hours": 25}}}, "backstop"),
        ({"pools": {"cpu": {"seats": 1, "seat": {"memory_guarantee": "8Gi", "memory_limit": "4Gi"}}}}, "guarantee"),
        ({"pools": {"cpu": {"seats": 1, "seat": {"shared_memory": "8Gi"}}}}, "/dev/shm"),
        ({"pools": {"cpu": {"seats": 1}, "gpu": {"seats": 1, "resource": "nvidia.com/gpu"}}}, "isolation"),
        ({"pools": {"cpu": {"seats": 1, "resource": "gpu"}}}, "String should match"),
        ({"package_index": "https://user:password@packages"}, "String should match"),
        ({"homes": {"kind": "shared-claim"}}, "name the claim"),
        ({"homes": {"path": "/home/../etc"}}, "String should match"),
        ({"images": {"cpu": {"reference": "notebook:latest"}}}, "not latest"),
        ({"images": {"cpu": {"reference": "notebook"}}}, "not latest"),
    ],
)
def test_settings_that_do_not_fit_are_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        NotebookSettings.model_validate(wrong)


def test_a_gpu_is_never_where_people_land() -> None:
    gpu = Pool(seats=1, resource="nvidia.com/gpu", isolation="whole")
    with pytest.raises(ValidationError, match="without a GPU"):
        NotebookSettings(pools={"gpu": gpu}, profiles={"gpu": Profile.model_validate(profile(pool="gpu"))})


def test_a_digest_pins_an_image() -> None:
    assert Image(reference=f"notebooks/cpu@sha256:{'a' * 64}").pull_policy == "IfNotPresent"


@pytest.mark.parametrize("rule", [{}, {"everyone": True, "roles": ("student",)}])
def test_a_rule_that_says_nothing_or_two_things_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="everyone"):
        Access(**rule)


@pytest.mark.parametrize("wrong", [{"cidr": "0.0.0.0/0"}, {}, {"cidr": "10.0.0.1/32", "pods": {"a": "b"}}])
def test_a_peer_is_never_everything(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Peer(ports=(Port(number=80),), **wrong)


def test_the_file_s_error_names_the_field(tmp_path: Path) -> None:
    path = tmp_path / "notebooks.yaml"
    path.write_text("pools: {cpu: {seats: -1}}")
    with pytest.raises(SettingsError, match=r"notebooks.yaml: pools.cpu.seats"):
        load_notebooks(path)


@pytest.mark.parametrize("text", ["a: [", "- 1"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notebooks.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError):
        load_notebooks(path)


def test_a_course_that_does_not_exist_is_refused() -> None:
    closed = NotebookSettings(pools={"cpu": Pool(seats=1), "x": Pool(seats=1, access=Access(courses=("no-such",)))})
    with pytest.raises(SettingsError, match="no-such"):
        check_courses(closed, load_catalog())


def test_a_shared_claim_needs_its_name_and_no_other_kind_has_one() -> None:
    with pytest.raises(ValidationError):
        Homes(claim="homes")
