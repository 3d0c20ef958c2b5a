"""The environment's digest is stable and follows what is installed."""

import re

import pytest

from graders import environment


def test_the_digest_is_the_same_every_time() -> None:
    environment.environment_digest.cache_clear()
    first = environment.environment_digest()
    environment.environment_digest.cache_clear()
    assert environment.environment_digest() == first
    assert re.fullmatch(r"[0-9a-f]{64}", first)


def test_another_engine_has_another_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    before = environment.environment_digest()
    environment.environment_digest.cache_clear()
    monkeypatch.setattr(environment, "ENGINE_VERSION", -1)
    assert environment.environment_digest() != before
    environment.environment_digest.cache_clear()


def test_the_versions_of_scientific_libraries_are_part_of_it() -> None:
    packages = environment.describe_environment()["packages"]
    assert {"numpy", "pandas", "scikit-learn"} <= set(packages)  # type: ignore[call-overload]


def test_what_a_process_has_imported_does_not_rename_its_environment(monkeypatch, tmp_path) -> None:
    vendored = tmp_path / "vendored-9.9.dist-info"
    vendored.mkdir()
    (vendored / "METADATA").write_text("Metadata-Version: 2.1\nName: vendored\nVersion: 9.9\n")
    before = environment.describe_environment()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert environment.describe_environment() == before
