from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

from graders.runners.job_manifest import PodSize
from helm.chart import CHART, example_files
from helm.values_file import load_values, values_of
from helm.values_model import RENAMED, SITE_SETTINGS, Values
from helm.values_schema import generated_files, make_schema, stale_files
from hub.settings import Settings
from spawner_config.settings import REFERENCE_FILE, load_notebooks

SCHEMA = json.loads((CHART / "values.schema.json").read_text())


def test_generated_files_say_what_the_models_say() -> None:
    assert stale_files() == []


def test_a_stale_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helm.values_schema.CHART", tmp_path)
    assert set(stale_files()) == {tmp_path / "values.schema.json", tmp_path / "files" / "renamed.yaml"}
    assert generated_files().keys() == set(stale_files())


@pytest.mark.parametrize("name", example_files())
def test_an_example_is_accepted_by_schema_and_models(name: str) -> None:
    path = example_files()[name]
    jsonschema.validate(load_values(path), SCHEMA)
    values_of(path)


def test_the_chart_s_own_values_are_accepted() -> None:
    jsonschema.validate(load_values(), SCHEMA)
    Values.model_validate(load_values())


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("portel_url",), "https://a.example"),
        (("settings", "log_levle"), "INFO"),
        (("settings", "database_url"), "postgresql://user:password@host/x"),
        (("notebooks", "poools"), {}),
        (("grading", "size", "slots"), 0),
        (("grading", "quota", "pod"), 3),
        (("database", "trial", "imagee"), "x:1"),
        (("image",), "registry.example/ax/campus:latest"),
        (("image",), "registry.example/ax/campus"),
        (("portal", "replicas"), "two"),
        (("portal_url",), "https://campus.example/path"),
        (("secrets", "keys_name"), "other"),
        (("network", "dns"), []),
    ],
)
def test_what_means_nothing_is_refused(keys: tuple[str, ...], value: object) -> None:
    values = load_values()
    place = values
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values, SCHEMA)
    with pytest.raises(ValidationError):
        Values.model_validate(values)


def test_a_renamed_key_passes_the_schema_so_that_a_template_can_name_the_new_one() -> None:
    assert {*RENAMED} <= SCHEMA["properties"].keys()
    assert make_schema()["properties"]["singleuser"] == {"description": "renamed: notebooks"}


def test_settings_in_the_chart_are_settings_of_the_platform() -> None:
    assert set(SITE_SETTINGS) <= Settings.model_fields.keys()
    assert load_values()["settings"].keys() == set(SITE_SETTINGS)


def test_the_chart_s_numbers_are_those_of_the_models() -> None:
    assert PodSize(**load_values()["grading"]["size"]) == PodSize()


def test_the_example_with_two_nodes_is_the_reference_site() -> None:
    example = values_of(example_files()["two-gpu-nodes-mig"]).notebooks
    reference = load_notebooks(REFERENCE_FILE)
    assert (example.pools, example.profiles) == (reference.pools, reference.profiles)
