"""A worker's runner from its settings: keys that are missing or none are said at the start."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from pydantic import ValidationError

from graders.runners.kubernetes_settings import ClusterGrading, make_live_runner
from tests.graders.runners.pods import fresh_keys, write_keys


def test_a_runner_is_made_of_the_mounted_keys(tmp_path: Path) -> None:
    folder = write_keys(fresh_keys(), tmp_path / "keys")
    with make_live_runner(ClusterGrading(host="grader.invalid", keys=folder)) as runner:
        assert runner._places.problem() == "no pod answers behind grader.invalid:8765"


def test_keys_that_are_not_there_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        make_live_runner(ClusterGrading(host="grader", keys=tmp_path))


def test_keys_that_are_none_stop_the_start(tmp_path: Path) -> None:
    for name in ("tls.crt", "tls.key"):
        (tmp_path / name).write_text("no key")
    with pytest.raises(ssl.SSLError):
        make_live_runner(ClusterGrading(host="grader", keys=tmp_path))


def test_an_empty_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        ClusterGrading(host="", keys=tmp_path)
