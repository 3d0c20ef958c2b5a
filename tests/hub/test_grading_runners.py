"""Where a worker's gradings run: this machine without a file, a cluster's pods with one; and what a bad one is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from graders.runners.kubernetes import KubernetesRunner
from graders.runners.kubernetes_jobs import JobRunner
from graders.runners.local import LocalRunner
from hub.grading_runners import GradingSettingsError, load_grading, make_runners
from hub.worker import worker
from tests.graders.runners.pods import fresh_keys, write_keys

KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "c",
    "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],
    "users": [{"name": "u", "user": {"token": "t"}}],
    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
}


def written(folder: Path, **values: object) -> Path:
    """A file of grading settings, with keys."""
    path = folder / "grading.yaml"
    keys = write_keys(fresh_keys(), folder / "keys")
    path.write_text(yaml.safe_dump({"host": "grader.invalid", "keys": str(keys)} | values))
    return path


def with_jobs(folder: Path) -> dict[str, object]:
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(KUBECONFIG))
    return {"pods": {"namespace": "grading", "image": "x:1"}, "kubeconfig": str(kubeconfig)}


def test_without_a_file_this_machine_grades() -> None:
    runners = make_runners(load_grading(None), 3, ())
    try:
        assert (type(runners.live), runners.size, runners.bulk) == (LocalRunner, 3, None)
    finally:
        runners.close()


def test_with_a_file_warm_pods_grade_regrades_too(tmp_path: Path) -> None:
    runners = make_runners(load_grading(written(tmp_path, at_a_time=6)), None, ())
    try:
        assert (type(runners.live), runners.size, runners.bulk) == (KubernetesRunner, 6, None)
    finally:
        runners.close()


def test_jobs_take_regrades_and_at_most_half_of_the_worker(tmp_path: Path) -> None:
    grading = load_grading(written(tmp_path, at_a_time=6, bulk=with_jobs(tmp_path)))
    runners = make_runners(grading, None, ())
    try:
        assert runners.bulk is not None
        assert (type(runners.bulk.runner), runners.bulk.most) == (JobRunner, 3)
    finally:
        runners.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [({"host": ""}, "host"), ({"slots": 3}, "slots"), ({"bulk": {"most": 0}}, "bulk.pods"), ({"at_a_time": 1}, "at_")],
)
def test_a_wrong_file_is_refused_by_the_name_of_the_field(tmp_path: Path, change: dict[str, object], said: str) -> None:
    with pytest.raises(GradingSettingsError, match=said):
        load_grading(written(tmp_path, **change))


@pytest.mark.parametrize("text", ["{", "[1]", "just words"])
def test_a_file_that_is_no_settings_at_all_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(GradingSettingsError):
        load_grading(tmp_path / "x.yaml")


def test_missing_keys_and_a_cluster_without_an_account_are_said_at_the_start(tmp_path: Path) -> None:
    for change in ({"keys": str(tmp_path / "none")}, {"bulk": {"pods": {"namespace": "g", "image": "x:1"}}}):
        grading = load_grading(written(tmp_path, **change))
        with pytest.raises(GradingSettingsError, match="grading on the cluster"):
            make_runners(grading, None, ())


def test_the_worker_ends_with_a_sentence_when_its_file_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AXCAMPUS_GRADING_FILE", str(tmp_path / "none.yaml"))
    done = CliRunner().invoke(worker)
    assert done.exit_code == 1
    assert "none.yaml: can't be read" in done.output
