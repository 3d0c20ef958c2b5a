"""``axcampus cluster`` before it starts anything: whose namespace it takes, and what it tells the notebooks."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.commands.cluster import cluster, notebook_values, strange_pods
from hub.settings import Settings
from spawner_config.policies import network_policies
from spawner_config.settings import NotebookSettings

OURS = {"component": "singleuser-server", "app.kubernetes.io/part-of": "axcampus"}


def pod(name: str, **labels: str) -> dict[str, object]:
    return {"metadata": {"name": name, "labels": labels}}


@pytest.fixture
def fake_kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program named kubectl that answers from a file and writes down what it was asked; returns its folder."""
    script = tmp_path / "kubectl"
    script.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >> {tmp_path}/asked\n'
        'case "$*" in *..namespace*) echo trial;; *server*) echo https://127.0.0.1:9;; '
        f'*"get pods"*) cat {tmp_path}/pods;; *apply*) cat > {tmp_path}/applied;; esac\n'
    )
    script.chmod(0o755)
    (tmp_path / "pods").write_text('{"items": []}')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("AXCAMPUS_HOME", str(tmp_path / "home"))
    return tmp_path


def test_pods_of_others_are_told_from_notebooks_of_ours() -> None:
    pods = [pod("nb-1", **OURS), pod("web"), pod("alike", component="singleuser-server")]
    assert strange_pods(pods) == ["alike", "web"]


def test_a_namespace_that_holds_other_pods_is_refused_and_left_alone(fake_kubectl: Path) -> None:
    (fake_kubectl / "pods").write_text(json.dumps({"items": [pod("somebodys-database")]}))
    done = CliRunner().invoke(cluster)
    assert done.exit_code == 1
    assert "somebodys-database" in done.output
    asked = (fake_kubectl / "asked").read_text()
    assert "apply" not in asked
    assert "label" not in asked


def test_without_kubectl_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = CliRunner().invoke(cluster)
    assert done.exit_code == 1
    assert "kubectl" in done.output


def test_the_platform_is_started_with_pods_in_that_namespace(
    fake_kubectl: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = fake_kubectl / "notebooks.yaml"
    file.write_text(json.dumps(notebook_values("trial", "10.0.0.5", 8000, "x:1")))
    monkeypatch.setenv("AXCAMPUS_NOTEBOOKS_FILE", str(file))
    started: list[dict[str, str]] = []
    monkeypatch.setattr(os, "execve", lambda _program, _words, environment: started.append(environment))
    assert CliRunner().invoke(cluster, ["--host", "10.0.0.5"]).exit_code == 0
    facts = Settings.model_validate({"notebooks_run_as": started[0]["AXCAMPUS_NOTEBOOKS_RUN_AS"]})
    assert facts.notebooks_run_as == "pods"
    assert (started[0]["AXCAMPUS_INSIDE_HOST"], started[0]["AXCAMPUS_NOTEBOOKS_FILE"]) == ("10.0.0.5", str(file))
    applied = json.loads((fake_kubectl / "applied").read_text())["items"]
    assert {each["metadata"]["namespace"] for each in applied} == {"trial"}
    assert "enforce=restricted" in (fake_kubectl / "asked").read_text()


def test_notebooks_reach_this_machine_on_two_ports_and_nothing_else() -> None:
    settings = NotebookSettings.model_validate(notebook_values("trial", "10.0.0.5", 8000, "x:1"))
    arrows = {each["metadata"]["name"]: each["spec"] for each in network_policies(settings)}
    ports = [
        port["port"]
        for name in ("notebook-to-hub", "notebook-to-portal")
        for rule in arrows[name]["egress"]
        for port in rule["ports"]
    ]
    assert ports == [8002, 8000]
    assert arrows["closed"]["podSelector"] == {}
